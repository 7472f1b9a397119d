resource "aws_eks_cluster" "main" {
  name     = "acme"
  role_arn = "arn:aws:iam::123456789012:role/acme-kubernetes"
  version  = local.release.kubernetes

  vpc_config {
    subnet_ids = [for subnet in aws_subnet.main : subnet.id]
  }
}

resource "aws_eks_node_group" "general" {
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "general"
  node_role_arn   = "arn:aws:iam::123456789012:role/acme-nodes"
  subnet_ids      = [for subnet in aws_subnet.main : subnet.id]
  version         = "1.33"

  scaling_config {
    min_size     = 2
    max_size     = 6
    desired_size = 3
  }
}

resource "aws_eks_addon" "proxy" {
  cluster_name  = aws_eks_cluster.main.name
  addon_name    = "kube-proxy"
  addon_version = "v1.33.3-eksbuild.4"
}
