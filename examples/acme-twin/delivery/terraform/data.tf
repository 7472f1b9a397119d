# Orders: a bigger class, at once.
resource "aws_db_instance" "orders" {
  identifier                = "acme-orders"
  engine                    = "postgres"
  engine_version            = "16.4"
  instance_class            = local.release.orders_class
  allocated_storage         = 200
  username                  = "orders"
  password                  = "acme-example-not-a-secret"
  storage_encrypted         = true
  deletion_protection       = true
  final_snapshot_identifier = "acme-orders-final"
  apply_immediately         = true
}

# Ledger: a parameter that is read at start, and a class that restarts it.
resource "aws_db_parameter_group" "ledger" {
  name   = "acme-ledger"
  family = "postgres16"

  parameter {
    name         = "shared_buffers"
    value        = local.release.ledger_memory
    apply_method = "pending-reboot"
  }
}

resource "aws_db_instance" "ledger" {
  identifier                = "acme-ledger"
  engine                    = "postgres"
  engine_version            = "16.4"
  instance_class            = local.release.ledger_class
  apply_immediately         = true
  allocated_storage         = 500
  username                  = "ledger"
  password                  = "acme-example-not-a-secret"
  parameter_group_name      = aws_db_parameter_group.ledger.name
  storage_encrypted         = true
  deletion_protection       = true
  final_snapshot_identifier = "acme-ledger-final"
}

# Reporting: another parameter group, and a class that restarts it.
resource "aws_db_parameter_group" "reporting" {
  for_each = toset(["acme-reporting", "acme-reporting-tuned"])

  name   = each.key
  family = "postgres16"

  parameter {
    name  = "work_mem"
    value = endswith(each.key, "tuned") ? "65536" : "4096"
  }
}

resource "aws_db_instance" "reporting" {
  identifier                = "acme-reporting"
  engine                    = "postgres"
  engine_version            = "16.4"
  instance_class            = local.release.reporting_class
  allocated_storage         = 100
  username                  = "reporting"
  password                  = "acme-example-not-a-secret"
  parameter_group_name      = aws_db_parameter_group.reporting[local.release.reporting_group].name
  storage_encrypted         = true
  deletion_protection       = true
  final_snapshot_identifier = "acme-reporting-final"
  apply_immediately         = true
}

resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id      = "acme-sessions"
  description               = "Sessions"
  engine                    = "valkey"
  engine_version            = "8.0"
  parameter_group_name      = "default.valkey8"
  node_type                 = local.release.sessions_node
  num_cache_clusters        = 2
  final_snapshot_identifier = "acme-sessions-final"
  apply_immediately         = true
}

resource "aws_docdb_cluster" "catalog" {
  cluster_identifier          = "acme-catalog"
  engine_version              = local.release.catalog_version
  allow_major_version_upgrade = true
  master_username             = "catalog"
  master_password             = "acme-example-not-a-secret"
  deletion_protection         = true
  final_snapshot_identifier   = "acme-catalog-final"
  apply_immediately           = true
}

# Events: a new revision of the brokers' settings.
resource "aws_msk_configuration" "events" {
  name              = "acme-events"
  kafka_versions    = ["3.8.x"]
  server_properties = "auto.create.topics.enable=false\nlog.retention.hours=${local.release.retention_hours}\n"
}

resource "aws_msk_cluster" "events" {
  cluster_name           = "acme-events"
  kafka_version          = "3.8.x"
  number_of_broker_nodes = 2

  broker_node_group_info {
    instance_type   = "kafka.m7g.large"
    client_subnets  = [for subnet in aws_subnet.main : subnet.id]
    security_groups = [aws_security_group.web.id]
  }

  configuration_info {
    arn      = aws_msk_configuration.events.arn
    revision = local.release.events_revision
  }
}

# Mail: the broker restarts with its new revision.
resource "aws_mq_configuration" "mail" {
  name           = "acme-mail"
  engine_type    = "ActiveMQ"
  engine_version = "5.18"
  data           = "<broker xmlns=\"http://activemq.apache.org/schema/core\"><systemUsage><memoryUsage percentOfJvmHeap=\"${local.release.broker_memory}\"/></systemUsage></broker>"
}

resource "aws_mq_broker" "mail" {
  broker_name        = "acme-mail"
  engine_type        = "ActiveMQ"
  engine_version     = "5.18"
  host_instance_type = "mq.m5.large"
  apply_immediately  = true

  configuration {
    id       = aws_mq_configuration.mail.id
    revision = local.release.broker_revision
  }

  user {
    username = "mail"
    password = "acme-example-not-a-secret"
  }
}
