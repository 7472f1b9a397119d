package stateful

// forceDestroy is the flag that empties a container before it is deleted. Without it the API refuses
// to delete what is not empty, and an empty container loses nothing.
func forceDestroy(attribute string) Guard {
	return Guard{Condition: Condition{Attribute: attribute, Keeps: IsFalse, Default: false}, Effect: Refuses}
}

// finalBackup is the FSx flag.
func finalBackup() Guard {
	return Guard{Condition: Condition{Attribute: "skip_final_backup", Keeps: IsFalse, Default: false}, Effect: Snapshot}
}

// objectLock guards single objects. Whether a retention date is still ahead needs a clock.
func objectLock() []Guard {
	return []Guard{
		{
			Condition: Condition{Attribute: "object_lock_legal_hold_status", Keeps: OneOf, Values: []string{"ON"}, Default: "OFF"},
			With:      []Condition{{Attribute: "force_destroy", Keeps: IsFalse, Default: false}},
			Effect:    Refuses,
		},
		{
			Condition: Condition{Attribute: "object_lock_retain_until_date", Keeps: NonEmpty},
			With:      []Condition{{Attribute: "that the date in object_lock_retain_until_date is still ahead", Outside: true}},
			Effect:    Refuses,
		},
	}
}

const forceTrap = "the value in the state counts: true has to be applied before it empties anything, and false before it protects"

func awsStorage() []Entry {
	return []Entry{
		{
			Type: "aws_s3_bucket", Holds: "all objects and versions in the bucket", Class: ObjectStore, Loss: Primary,
			Guards: []Guard{forceDestroy("force_destroy")},
			Source: awsBindings + "s3/bucket.d.ts; " + awsDoc + "s3_directory_bucket.html.markdown@26aeca169e24 (same flag)",
			Note:   forceTrap + "; force_destroy deletes locked objects too",
		},
		{
			Type: "aws_s3_directory_bucket", Holds: "all objects in the directory bucket", Class: ObjectStore, Loss: Primary,
			Guards: []Guard{forceDestroy("force_destroy")},
			Source: awsDoc + "s3_directory_bucket.html.markdown@26aeca169e24",
			Note:   forceTrap,
		},
		{
			Type: "aws_s3_object", Holds: "the object, in a versioned bucket with every version of its key", Class: ObjectStore, Loss: Derived,
			Guards: objectLock(),
			Source: awsCode + "s3/object.go@033c721bf1ed (delete: text index 2139561556); " + awsBindings + "s3/bucketObjectv2.d.ts",
			Note:   "versioning does not help: the provider deletes all versions of the key, those that others wrote too; the current content usually comes from the configuration",
		},
		{
			Type: "aws_s3_bucket_object", Holds: "the object, in a versioned bucket with every version of its key", Class: ObjectStore, Loss: Derived,
			Guards: objectLock(),
			Source: awsCode + "s3/bucket_object.go (delete: text index 1246654259)",
			Note:   "versioning does not help: the provider deletes all versions of the key, those that others wrote too; the current content usually comes from the configuration",
		},
		{
			Type: "aws_s3tables_table_bucket", Holds: "all namespaces and Iceberg tables in the bucket", Class: ObjectStore, Loss: Primary,
			// 5.0.0 is a lower bound: the resource is of version 5 and did not start with the flag.
			Guards: []Guard{{Condition: Condition{Attribute: "force_destroy", Keeps: IsFalse, Default: false, Since: "5.0.0"}, Effect: Refuses}},
			Source: awsDoc + "s3tables_table_bucket.html.markdown@152fca844c38",
			Note:   forceTrap,
		},
		{
			Type: "aws_s3tables_table", Holds: "the Iceberg table with its data files", Class: Database, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "s3tables/table.d.ts",
		},
		{
			Type: "aws_s3vectors_vector_bucket", Holds: "all indexes and vectors in the bucket", Class: ObjectStore, Loss: Derived,
			Guards: []Guard{forceDestroy("force_destroy")},
			Source: awsBindings + "s3/vectorsVectorBucket.d.ts; " + awsChanges + " 6.24.0",
			Note:   forceTrap,
		},
		{
			Type: "aws_s3vectors_index", Holds: "all vectors of the index", Class: Search, Loss: Derived,
			Source: awsSchema + "; " + awsChanges + " 6.24.0",
		},
		{
			Type: "aws_lightsail_bucket", Holds: "all objects in the bucket", Class: ObjectStore, Loss: Primary,
			Guards: []Guard{forceDestroy("force_delete")},
			Source: awsDocCDK + "lightsail_bucket.html.markdown@1c6c26318f8e",
		},
		{
			Type: "aws_glacier_vault", Holds: "all archives in the vault", Class: ObjectStore, Loss: Primary,
			Guards: []Guard{{Condition: Condition{Keeps: Always}, Effect: Refuses}},
			Source: awsDocCDK + "glacier_vault.html.markdown@044fb3171c30",
			Note:   "a vault has to be empty before it can be deleted, and the provider does not empty it",
		},
		{
			Type: "aws_ebs_volume", Holds: "the block volume", Class: Volume, Loss: Primary,
			// 3.19.0 is a lower bound: the documentation of that time has throughput and not yet this.
			Guards: []Guard{{Condition: Condition{Attribute: "final_snapshot", Keeps: IsTrue, Default: false, Since: "3.19.0"}, Effect: Snapshot}},
			Source: awsDocCDK + "ebs_volume.html.markdown@120cd12f625d",
		},
		{
			Type: "aws_instance", Holds: "the root volume, inline volumes and instance store of the machine", Class: Volume, Loss: Primary,
			Guards: []Guard{
				{
					// Before force_destroy existed the provider switched termination protection off by
					// itself, so without that attribute there is no such guard. 5.0.0 is a lower bound.
					Condition: Condition{Attribute: "force_destroy", Keeps: IsFalse, Default: false, Since: "5.0.0"},
					With:      []Condition{{Attribute: "disable_api_termination", Keeps: IsTrue, Default: false}},
					Effect:    Refuses,
				},
				{Condition: Condition{Attribute: "root_block_device.0.delete_on_termination", Keeps: IsFalse, Default: true}, Effect: Retains},
			},
			Source: awsDocCDK + "instance.html.markdown@10775a48007c; " + awsBindings + "ec2/instance.d.ts; " +
				awsCode + "ec2/ec2_instance.go (delete before force_destroy, text index 1794561789)",
			Note: "root_block_device speaks for the root volume only: each ebs_block_device has its own delete_on_termination, and instance store is always gone",
		},
		{
			Type: "aws_lightsail_disk", Holds: "the block disk", Class: Volume, Loss: Primary,
			Source: awsDocCDK + "lightsail_disk.html.markdown@09537f613163; " + awsSchema,
		},
		{
			Type: "aws_lightsail_instance", Holds: "the system disk of the instance", Class: Volume, Loss: Primary,
			Source: awsSchema,
		},
		{
			Type: "aws_workspaces_workspace", Holds: "the root and user volume of the desktop", Class: Volume, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "workspaces/workspace.d.ts",
		},
		{
			Type: "aws_sagemaker_notebook_instance", Holds: "the storage volume of the notebook", Class: Volume, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "sagemaker/notebookInstance.d.ts",
		},
		{
			Type: "aws_sagemaker_domain", Holds: "the home directories of all users (an EFS file system)", Class: FileSystem, Loss: Primary,
			Guards: []Guard{{
				Condition: Condition{
					Attribute: "retention_policy.0.home_efs_file_system", Keeps: OneOf,
					Values: []string{"Retain"}, Default: "Retain", Otherwise: "Delete",
				},
				Effect: Retains,
			}},
			Source: awsDocCDK + "sagemaker_domain.html.markdown@153454faec87; " + awsBindings + "types/input.d.ts (sagemaker DomainRetentionPolicy)",
			Note:   "what is retained is an orphan: a new domain makes a new file system",
		},
		{
			Type: "aws_storagegateway_cached_iscsi_volume", Holds: "the volume behind the gateway", Class: Volume, Loss: Primary,
			Source: awsSchema,
		},
		{
			Type: "aws_efs_file_system", Holds: "all files", Class: FileSystem, Loss: Primary,
			Source: awsSchema + " (protection.replication_overwrite is about replication); " + awsBindings + "efs/fileSystem.d.ts",
		},
		{
			Type: "aws_fsx_lustre_file_system", Holds: "all files that were not exported to a data repository", Class: FileSystem, Loss: Primary,
			Guards: []Guard{{
				// 5.0.0 is a lower bound: documentation of 2024 does not have the flag.
				Condition: Condition{Attribute: "skip_final_backup", Keeps: IsFalse, Default: true, Since: "5.0.0"},
				With:      []Condition{{Attribute: "deployment_type", Keeps: OneOf, Values: []string{"PERSISTENT_1", "PERSISTENT_2"}}},
				Effect:    Snapshot,
			}},
			Source: awsBindings + "fsx/lustreFileSystem.d.ts; " + awsDocCDK + "fsx_lustre_file_system.html.markdown@088e0878080a",
			Note:   "unlike the other FSx types the final backup is skipped by default, and a scratch file system never gets one",
		},
		{
			Type: "aws_fsx_windows_file_system", Holds: "all files and the automatic backups", Class: FileSystem, Loss: Primary,
			Guards: []Guard{finalBackup()},
			Source: awsDocCDK + "fsx_windows_file_system.html.markdown@28a2f1c5afb7",
			Note:   forceTrap,
		},
		{
			Type: "aws_fsx_openzfs_file_system", Holds: "all files and the automatic backups", Class: FileSystem, Loss: Primary,
			Guards: []Guard{finalBackup()},
			Source: awsDocCDK + "fsx_openzfs_file_system.html.markdown@01606926a0c0",
			Note:   forceTrap,
		},
		{
			Type: "aws_fsx_ontap_volume", Holds: "all files of the volume", Class: FileSystem, Loss: Primary,
			Guards: []Guard{finalBackup()},
			Source: awsDocCDK + "fsx_ontap_volume.html.markdown@19b9a712d2af",
			Note:   forceTrap,
		},
		{
			Type: "aws_fsx_openzfs_volume", Holds: "all files of the volume", Class: FileSystem, Loss: Primary,
			Source: awsBindings + "fsx/openZfsVolume.d.ts; " + awsSchema,
			Note:   "delete_volume_options only decides about child volumes and snapshots",
		},
	}
}
