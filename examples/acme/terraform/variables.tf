variable "payments_db_password" {
  description = "Master password of the payments databases"
  type        = string
  sensitive   = true
  default     = "acme-example-not-a-secret"
}

variable "image_tag" {
  description = "Release that runs in staging and prod"
  type        = string
  default     = "2026.11.2"
}
