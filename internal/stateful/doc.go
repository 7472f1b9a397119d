// Package stateful is the catalogue of Terraform resource types that hold data, and of what
// stands between the destroy of one of them and the loss of that data.
//
// An [Entry] says what is lost and which attributes guard it. [Entry.Judge] reads the values of one
// object and answers kept, lost or unknown. It wants the values as they are in the state (`before` of
// a planned change), because that is what a provider reads when it destroys: setting
// skip_final_snapshot or force_destroy in the same run that replaces the resource comes too late,
// whichever way it is set.
//
// # What is a fact here
//
// Attribute names of aws are checked by a test against the schema of provider 6.25.0. Names of google
// (6.50.0), azurerm (4.55.0) and kubernetes (2.38.0) were checked once by hand against the bindings
// named in the Source of an entry. Defaults and meanings come from the file that Source names, as it
// was on [ReadOn]. A Since that is only a lower bound is marked so where it is declared: a lower bound
// can only turn an answer into unknown, never into lost.
//
// # What is not in an entry
//
//   - lifecycle.prevent_destroy: it is in the configuration, not in the state, and holds for every
//     type; the rule has to look there itself.
//   - Whatever refuses a destroy for reasons of its own: permissions, service control policies, Azure
//     management locks, an API that wants children deleted first. None of it is a promise about data.
//   - Copies that somebody else takes: AWS Backup plans, snapshot schedules, the recycle bin, cross
//     region replication.
//
// # Left out, and why
//
// Hold no data of their own: aws_rds_cluster_instance, aws_docdb_cluster_instance,
// aws_neptune_cluster_instance, aws_redshiftserverless_workgroup (compute in front of a cluster
// volume); aws_rds_global_cluster, aws_docdb_global_cluster, aws_neptune_global_cluster,
// aws_dynamodb_global_table (membership, the members have their entries); aws_keyspaces_keyspace,
// aws_timestreamwrite_database, aws_s3tables_namespace, aws_codeartifact_domain (names above tables
// and repositories that have their entries); aws_sns_topic, aws_kinesis_firehose_delivery_stream,
// aws_dms_*, aws_transfer_*, aws_datasync_*, aws_lakeformation_* (pass data on or govern it);
// aws_appstream_fleet, aws_emr_cluster, aws_ecs_*, aws_lambda_* (compute); google_kms_key_ring (cannot
// be deleted); google_storage_bucket_object, azurerm_storage_blob, kubernetes_secret,
// kubernetes_config_map (their content is in the configuration).
//
// No source was read that settles what a destroy does: aws_s3control_bucket, aws_fsx_ontap_file_system,
// aws_fsx_ontap_storage_virtual_machine, aws_backup_logically_air_gapped_vault,
// aws_paymentcryptography_key, aws_cloudhsm_v2_cluster, aws_storagegateway_stored_iscsi_volume,
// aws_storagegateway_gateway, aws_eks_cluster, aws_quicksight_analysis, aws_connect_instance,
// aws_iot_*, aws_finspace_*; google_memorystore_instance (default of its protection),
// google_netapp_volume; azurerm_recovery_services_vault, azurerm_data_protection_backup_vault,
// azurerm_mssql_managed_database, azurerm_cosmosdb_account (deleted accounts can be restored in
// continuous backup mode only under conditions that were not read).
//
// Gone from the provider: aws_simpledb_domain is not in 6.25.0. aws_backup_recovery_point never was a
// resource.
package stateful
