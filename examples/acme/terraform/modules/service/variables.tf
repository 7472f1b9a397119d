variable "environment" {
  type = string
}

variable "name" {
  type = string
}

variable "path" {
  description = "Path pattern that the load balancer sends here"
  type        = string
}

variable "priority" {
  type = number
}

variable "port" {
  type = number
}

variable "image" {
  type = string
}

variable "max_tasks" {
  type = number
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "platform" {
  description = "Outputs of the platform module"
  type = object({
    cluster_arn          = string
    cluster_name         = string
    listener_arn         = string
    lb_security_group_id = string
  })
}

variable "data_key_arn" {
  type = string
}

variable "backend_url" {
  type = string
}

variable "backend_secret_arn" {
  type    = string
  default = null
}
