package stateful

// awsServices are registries, search, catalogues and configuration that people make by hand.
func awsServices() []Entry {
	return []Entry{
		{
			Type: "aws_ecr_repository", Holds: "all images of the repository", Class: Registry, Loss: Derived,
			// 3.38.0 is a lower bound: documentation with tags_all does not have it yet.
			Guards: []Guard{{Condition: Condition{Attribute: "force_delete", Keeps: IsFalse, Default: false, Since: "3.38.0"}, Effect: Refuses}},
			Source: awsDocCDK + "ecr_repository.html.markdown@18af3ca13168",
			Note:   "images of old releases are what a rollback needs, and a rebuild does not give the same digest",
		},
		{
			Type: "aws_ecrpublic_repository", Holds: "all public images of the repository", Class: Registry, Loss: Derived,
			Guards: []Guard{forceDestroy("force_destroy")},
			Source: awsCode + "ecrpublic/repository.go@050ac11163ca (delete: text index 2560968958)",
		},
		{
			Type: "aws_codeartifact_repository", Holds: "all packages published to the repository", Class: Registry, Loss: Primary,
			Source: awsSchema + "; " + awsCode + "codeartifact/repository.go (delete, text index 1615429370)",
		},
		{
			Type: "aws_codecommit_repository", Holds: "the Git repository with its history", Class: Registry, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "codecommit/repository.d.ts",
		},
		{
			Type: "aws_opensearch_domain", Holds: "all indexes and the automated snapshots of the domain", Class: Search, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "opensearch/domain.d.ts",
		},
		{
			Type: "aws_elasticsearch_domain", Holds: "all indexes and the automated snapshots of the domain", Class: Search, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "elasticsearch/domain.d.ts",
		},
		{
			Type: "aws_opensearchserverless_collection", Holds: "all indexes of the collection", Class: Search, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "opensearch/serverlessCollection.d.ts",
		},
		{
			Type: "aws_cloudsearch_domain", Holds: "the search index", Class: Search, Loss: Derived,
			Source: awsSchema,
		},
		{
			Type: "aws_kendra_index", Holds: "the search index", Class: Search, Loss: Derived,
			Source: awsSchema,
		},
		{
			Type: "aws_glue_catalog_database", Holds: "the table definitions over a data lake, not the data", Class: Config, Loss: Derived,
			Source: awsSchema + "; " + awsBindings + "glue/catalogDatabase.d.ts",
		},
		{
			Type: "aws_glue_catalog_table", Holds: "the definition and partitions of a table, not its data", Class: Config, Loss: Derived,
			Source: awsSchema + "; " + awsBindings + "glue/catalogTable.d.ts",
		},
		{
			Type: "aws_athena_database", Holds: "the table definitions of the database, not the data", Class: Config, Loss: Derived,
			Guards: []Guard{forceDestroy("force_destroy")},
			Source: awsDocCDK + "athena_database.html.markdown@17b36ea57aea",
		},
		{
			Type: "aws_athena_workgroup", Holds: "the named queries of the workgroup", Class: Config, Loss: Primary,
			Guards: []Guard{forceDestroy("force_destroy")},
			Source: awsDocCDK + "athena_workgroup.html.markdown@19b9a712d2af",
		},
		{
			Type: "aws_route53_zone", Holds: "all records of the zone, those made elsewhere too", Class: Config, Loss: Primary,
			Guards: []Guard{forceDestroy("force_destroy")},
			Source: awsDocCDK + "route53_zone.html.markdown@15f63f0045b4",
			Note:   "a new zone has other name servers: the delegation at the registrar points to nothing",
		},
		{
			Type: "aws_grafana_workspace", Holds: "dashboards, alerts and data sources made by hand", Class: Config, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "grafana/workspace.d.ts",
		},
	}
}
