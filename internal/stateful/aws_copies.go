package stateful

// managedSnapshots is a flag that the provider sets for itself: the snapshots of an image that it made
// are deleted with the image, those of an image that was registered over existing snapshots are not.
func managedSnapshots() []Guard {
	return []Guard{{Condition: Condition{Attribute: "manage_ebs_snapshots", Keeps: IsFalse, Default: false}, Effect: Retains}}
}

const amiSource = awsCode + "ec2/ec2_ami.go@0073593e7d69 (delete: text index 1748525474)"

// awsCopies are backups and images: nobody misses them until the original is gone.
func awsCopies() []Entry {
	return []Entry{
		{Type: "aws_ami", Holds: "the image; its snapshots when the provider manages them", Class: Backup, Loss: Primary, Guards: managedSnapshots(), Source: amiSource},
		{Type: "aws_ami_copy", Holds: "the copied image with its snapshots", Class: Backup, Loss: Derived, Guards: managedSnapshots(), Source: amiSource},
		{Type: "aws_ami_from_instance", Holds: "the image with its snapshots", Class: Backup, Loss: Primary, Guards: managedSnapshots(), Source: amiSource},
		{
			Type: "aws_backup_vault", Holds: "all recovery points in the vault", Class: Backup, Loss: Primary,
			Guards: []Guard{forceDestroy("force_destroy")},
			Source: awsDocCDK + "backup_vault.html.markdown@1159b3eea081; " + awsBindings + "backup/vault.d.ts",
			Note:   forceTrap + "; a vault lock is another resource",
		},
		{Type: "aws_ebs_snapshot", Holds: "the snapshot", Class: Backup, Loss: Primary, Source: awsSchema},
		{Type: "aws_ebs_snapshot_copy", Holds: "the copy of the snapshot", Class: Backup, Loss: Derived, Source: awsSchema},
		{Type: "aws_ebs_snapshot_import", Holds: "the imported disk image", Class: Backup, Loss: Primary, Source: awsSchema},
		{Type: "aws_db_snapshot", Holds: "the snapshot of the database", Class: Backup, Loss: Primary, Source: awsSchema},
		{Type: "aws_db_snapshot_copy", Holds: "the copy of the snapshot", Class: Backup, Loss: Derived, Source: awsSchema},
		{Type: "aws_db_cluster_snapshot", Holds: "the snapshot of the cluster", Class: Backup, Loss: Primary, Source: awsSchema},
		{Type: "aws_rds_cluster_snapshot_copy", Holds: "the copy of the cluster snapshot", Class: Backup, Loss: Derived, Source: awsSchema},
		{Type: "aws_docdb_cluster_snapshot", Holds: "the snapshot of the cluster", Class: Backup, Loss: Primary, Source: awsSchema},
		{Type: "aws_neptune_cluster_snapshot", Holds: "the snapshot of the cluster", Class: Backup, Loss: Primary, Source: awsSchema},
		{Type: "aws_redshift_cluster_snapshot", Holds: "the snapshot of the warehouse", Class: Backup, Loss: Primary, Source: awsSchema},
		{Type: "aws_redshiftserverless_snapshot", Holds: "the snapshot of the namespace", Class: Backup, Loss: Primary, Source: awsSchema},
		{Type: "aws_fsx_backup", Holds: "the backup of the file system", Class: Backup, Loss: Primary, Source: awsSchema},
		{Type: "aws_fsx_openzfs_snapshot", Holds: "the snapshot of the volume", Class: Backup, Loss: Primary, Source: awsSchema},
	}
}
