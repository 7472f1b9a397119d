package stateful

// feature is a guard in the features block of the provider: it is in the configuration, never in the
// state of the resource.
func feature(words string, effect Effect) Guard {
	return Guard{Condition: Condition{Attribute: "provider azurerm: features." + words, Outside: true}, Effect: effect}
}

// elsewhere is a guard in another resource.
func elsewhere(words string) Guard {
	return Guard{Condition: Condition{Attribute: words, Outside: true}, Effect: Retains}
}

func azurerm() []Entry {
	return []Entry{
		{
			Type: "azurerm_storage_account", Holds: "all containers, shares, queues and tables of the account", Class: ObjectStore, Loss: Primary,
			Source: azurermSchema + " storage-account: no attribute that guards the account",
			Note:   "soft delete of blobs, containers and shares works inside the account and goes with it",
		},
		{
			Type: "azurerm_storage_container", Holds: "all blobs of the container", Class: ObjectStore, Loss: Primary,
			Guards: []Guard{elsewhere("azurerm_storage_account: blob_properties.0.container_delete_retention_policy")},
			Source: azurermDoc + "storage_container.html.markdown@046b215c0c6f; " + azurermSchema + " storage-account",
		},
		{
			Type: "azurerm_storage_share", Holds: "all files of the share", Class: FileSystem, Loss: Primary,
			Guards: []Guard{elsewhere("azurerm_storage_account: share_properties.0.retention_policy")},
			Source: azurermDoc + "storage_share.html.markdown@04b98c56a71a; " + azurermSchema + " storage-account",
		},
		{
			Type: "azurerm_storage_queue", Holds: "all messages of the queue", Class: Queue, Loss: Primary,
			Source: azurermSchema + " storage-queue: no attribute that guards a destroy",
		},
		{
			Type: "azurerm_storage_table", Holds: "all entities of the table", Class: Database, Loss: Primary,
			Source: azurermSchema + " storage-table: no attribute that guards a destroy",
		},
		{
			Type: "azurerm_mssql_database", Holds: "the database", Class: Database, Loss: Primary,
			Guards: []Guard{elsewhere("that the azurerm_mssql_server stays: it keeps the backups of a deleted database for the retention period")},
			Source: azurermSchema + " mssql-database; learn.microsoft.com/powershell/module/az.sql/get-azsqldeleteddatabasebackup",
		},
		{
			Type: "azurerm_postgresql_flexible_server", Holds: "all databases of the server", Class: Database, Loss: Primary,
			Guards: []Guard{elsewhere("that the service still has the backup: it keeps that of a deleted server for five days and does not guarantee the restore")},
			Source: azurermSchema + " postgresql-flexible-server; learn.microsoft.com/azure/postgresql/backup-restore/how-to-restore-deleted-server",
		},
		{
			Type: "azurerm_postgresql_flexible_server_database", Holds: "the database", Class: Database, Loss: Primary,
			Source: azurermDoc + "postgresql_flexible_server_database.html.markdown@03bcb6fea80b (prevent_destroy is all it offers)",
		},
		{
			Type: "azurerm_mysql_flexible_database", Holds: "the database", Class: Database, Loss: Primary,
			Source: azurermSchema + " mysql-flexible-database: no attribute that guards a destroy",
		},
		{
			Type: "azurerm_cosmosdb_sql_database", Holds: "all containers of the database", Class: Database, Loss: Primary,
			Guards: []Guard{elsewhere("azurerm_cosmosdb_account: backup.0.type, where Continuous lets a deleted database be restored")},
			Source: azurermSchema + " cosmosdb-sql-database; github.com/MicrosoftDocs/azure-docs articles/cosmos-db/how-to-restore-in-account-continuous-backup.md",
		},
		{
			Type: "azurerm_cosmosdb_sql_container", Holds: "all items of the container", Class: Database, Loss: Primary,
			Guards: []Guard{elsewhere("azurerm_cosmosdb_account: backup.0.type, where Continuous lets a deleted container be restored")},
			Source: azurermSchema + " cosmosdb-sql-container; github.com/MicrosoftDocs/azure-docs articles/cosmos-db/how-to-restore-in-account-continuous-backup.md",
		},
		{
			Type: "azurerm_managed_disk", Holds: "the block disk", Class: Volume, Loss: Primary,
			Source: azurermDoc + "managed_disk.html.markdown@01a84c6ae023: no attribute that guards a destroy",
		},
		{
			Type: "azurerm_snapshot", Holds: "the snapshot of the disk", Class: Backup, Loss: Primary,
			Source: azurermSchema + " snapshot: no attribute that guards a destroy",
		},
		{
			Type: "azurerm_netapp_volume", Holds: "all files of the volume", Class: FileSystem, Loss: Primary,
			Guards: []Guard{feature("netapp.prevent_volume_destruction (true by default)", Refuses)},
			Source: azurermFeatures,
		},
		{
			Type: "azurerm_key_vault", Holds: "all keys, secrets and certificates of the vault", Class: Key, Loss: Primary,
			Guards: []Guard{
				{Condition: Condition{Attribute: "purge_protection_enabled", Keeps: IsTrue, Default: false}, Effect: Retains},
				feature("key_vault.purge_soft_delete_on_destroy (true by default, which purges)", Retains),
			},
			Source: azurermDoc + "key_vault.html.markdown@000eff94f646; " + azurermFeatures,
			Note:   "soft delete alone does not keep it: the provider purges what it deletes unless told otherwise",
		},
		{
			Type: "azurerm_key_vault_key", Holds: "the key with all versions, and with it everything that it encrypts", Class: Key, Loss: Primary,
			Guards: []Guard{
				elsewhere("azurerm_key_vault: purge_protection_enabled"),
				feature("key_vault.purge_soft_deleted_keys_on_destroy (true by default, which purges)", Retains),
			},
			Source: azurermFeatures,
		},
		{
			Type: "azurerm_key_vault_secret", Holds: "the secret with all versions", Class: Secret, Loss: Primary,
			Guards: []Guard{
				elsewhere("azurerm_key_vault: purge_protection_enabled"),
				feature("key_vault.purge_soft_deleted_secrets_on_destroy (true by default, which purges)", Retains),
			},
			Source: azurermFeatures,
		},
		{
			Type: "azurerm_app_configuration", Holds: "all keys and feature flags of the store", Class: Config, Loss: Primary,
			Guards: []Guard{
				{Condition: Condition{Attribute: "purge_protection_enabled", Keeps: IsTrue, Default: false}, Effect: Retains},
				feature("app_configuration.purge_soft_delete_on_destroy (true by default, which purges)", Retains),
			},
			Source: azurermFeatures + "; npm @pulumi/azure 6.40.0:appconfiguration/configurationStore.d.ts",
		},
		{
			Type: "azurerm_log_analytics_workspace", Holds: "all logs of the workspace", Class: Log, Loss: Primary,
			Guards: []Guard{feature("log_analytics_workspace.permanently_delete_on_destroy (false by default, which keeps a soft-deleted copy)", Retains)},
			Source: azurermDoc + "log_analytics_workspace.html.markdown@033fbf0ec8b2; " + azurermFeatures,
		},
		{
			Type: "azurerm_container_registry", Holds: "all images of the registry", Class: Registry, Loss: Derived,
			Source: azurermSchema + " container-registry: no attribute that guards the registry",
		},
		{
			Type: "azurerm_redis_cache", Holds: "all keys of the cache", Class: Cache, Loss: Derived,
			Source: azurermSchema + " redis-cache: no attribute that guards a destroy",
		},
		{
			Type: "azurerm_eventhub", Holds: "all events within the retention period", Class: Stream, Loss: Primary,
			Source: azurermSchema + " eventhub: no attribute that guards a destroy",
		},
		{
			Type: "azurerm_servicebus_queue", Holds: "all messages that were not consumed", Class: Queue, Loss: Primary,
			Source: azurermSchema + " servicebus-queue: no attribute that guards a destroy",
		},
	}
}
