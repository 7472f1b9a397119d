package awsdump

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// parameterStatus turns the status of a parameter group into what waits. The
// words are those of DBParameterGroupStatus (Amazon RDS API Reference):
// applying, failed-to-apply, in-sync, pending-database-upgrade, pending-reboot.
func parameterStatus(group, status, at string) []Wait {
	switch status {
	case "in-sync", "":
		return nil
	case "pending-reboot", "pending-database-upgrade", "failed-to-apply":
		return []Wait{{What: "the parameters of " + group, At: at, Until: status, Sure: true}}
	}
	return []Wait{{What: "the parameters of " + group, At: at, Until: status}}
}

// pending lists the settings that wait for the maintenance window or a reboot;
// of their values nothing is kept: MasterUserPassword is one of them.
func pending(v json.RawMessage, at string) []Wait {
	var m map[string]json.RawMessage
	if json.Unmarshal(v, &m) != nil {
		return nil
	}
	var out []Wait
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if s := string(m[name]); s == "null" || s == "{}" || s == "[]" || s == `""` {
			continue
		}
		out = append(out, Wait{What: "the pending change of " + name, At: at + "/" + escape(name), Until: "it is applied", Sure: true})
	}
	return out
}

func escape(name string) string {
	out := make([]byte, 0, len(name))
	for i := range len(name) {
		switch name[i] {
		case '~':
			out = append(out, "~0"...)
		case '/':
			out = append(out, "~1"...)
		default:
			out = append(out, name[i])
		}
	}
	return string(out)
}

// databases reads describe-db-instances of RDS, DocumentDB and Neptune.
func databases(d *dump, v jsontext.Value) error {
	var list []struct {
		DBInstanceIdentifier  string
		DBInstanceArn         string
		DbiResourceID         string `json:"DbiResourceId"`
		EngineVersion         string
		PendingModifiedValues json.RawMessage
		DBParameterGroups     []struct{ DBParameterGroupName, ParameterApplyStatus string }
	}
	if err := json.Unmarshal(v, &list); err != nil {
		return err
	}
	for i, b := range list {
		at := fmt.Sprintf("%s/%d", d.at, i)
		o := Object{
			Type: "db instance", Name: b.DBInstanceIdentifier, ARN: b.DBInstanceArn, Identity: b.DbiResourceID, By: "DbiResourceId",
			Version: b.EngineVersion, VersionAt: "/EngineVersion", Pointer: at, Waits: pending(b.PendingModifiedValues, at+"/PendingModifiedValues"),
		}
		switch {
		case b.PendingModifiedValues == nil:
			o.Lacks = "PendingModifiedValues"
		case b.DBParameterGroups == nil:
			o.Lacks = "DBParameterGroups"
		}
		for k, p := range b.DBParameterGroups {
			if p.ParameterApplyStatus == "" {
				o.Lacks = "ParameterApplyStatus"
			}
			o.Waits = append(o.Waits, parameterStatus(p.DBParameterGroupName, p.ParameterApplyStatus, fmt.Sprintf("%s/DBParameterGroups/%d/ParameterApplyStatus", at, k))...)
		}
		if err := d.add(o); err != nil {
			return err
		}
	}
	return nil
}

func databaseClusters(d *dump, v jsontext.Value) error {
	var list []struct {
		DBClusterIdentifier   string
		DBClusterArn          string
		DBClusterResourceID   string `json:"DbClusterResourceId"`
		EngineVersion         string
		PendingModifiedValues json.RawMessage
		DBClusterMembers      []struct {
			DBInstanceIdentifier          string
			DBClusterParameterGroupStatus string
		}
	}
	if err := json.Unmarshal(v, &list); err != nil {
		return err
	}
	for i, c := range list {
		at := fmt.Sprintf("%s/%d", d.at, i)
		o := Object{
			Type: "db cluster", Name: c.DBClusterIdentifier, ARN: c.DBClusterArn, Identity: c.DBClusterResourceID, By: "DbClusterResourceId",
			Version: c.EngineVersion, VersionAt: "/EngineVersion", Pointer: at, Waits: pending(c.PendingModifiedValues, at+"/PendingModifiedValues"),
		}
		if c.DBClusterMembers == nil {
			o.Lacks = "DBClusterMembers"
		}
		for k, m := range c.DBClusterMembers {
			if m.DBClusterParameterGroupStatus == "" {
				o.Lacks = "DBClusterParameterGroupStatus"
			}
			o.Waits = append(o.Waits, parameterStatus("the cluster on "+m.DBInstanceIdentifier, m.DBClusterParameterGroupStatus, fmt.Sprintf("%s/DBClusterMembers/%d/DBClusterParameterGroupStatus", at, k))...)
		}
		if err := d.add(o); err != nil {
			return err
		}
	}
	return nil
}

func cacheClusters(d *dump, v jsontext.Value) error {
	var list []struct {
		CacheClusterID         string `json:"CacheClusterId"`
		ARN                    string
		EngineVersion          string
		CacheClusterCreateTime jsonTime
		PendingModifiedValues  json.RawMessage
		CacheParameterGroup    *struct{ CacheParameterGroupName, ParameterApplyStatus string }
	}
	if err := json.Unmarshal(v, &list); err != nil {
		return err
	}
	for i, c := range list {
		at := fmt.Sprintf("%s/%d", d.at, i)
		o := Object{
			Type: "cache cluster", Name: c.CacheClusterID, ARN: c.ARN, Identity: string(c.CacheClusterCreateTime), By: "CacheClusterCreateTime",
			Version: c.EngineVersion, VersionAt: "/EngineVersion", Pointer: at, Waits: pending(c.PendingModifiedValues, at+"/PendingModifiedValues"),
		}
		if c.PendingModifiedValues == nil {
			o.Lacks = "PendingModifiedValues"
		}
		if p := c.CacheParameterGroup; p == nil || p.ParameterApplyStatus == "" {
			o.Lacks = "CacheParameterGroup"
		} else {
			o.Waits = append(o.Waits, parameterStatus(p.CacheParameterGroupName, p.ParameterApplyStatus, at+"/CacheParameterGroup/ParameterApplyStatus")...)
		}
		if err := d.add(o); err != nil {
			return err
		}
	}
	return nil
}

func replicationGroups(d *dump, v jsontext.Value) error {
	var list []struct {
		ReplicationGroupID         string `json:"ReplicationGroupId"`
		ARN                        string
		ReplicationGroupCreateTime jsonTime
		PendingModifiedValues      json.RawMessage
	}
	if err := json.Unmarshal(v, &list); err != nil {
		return err
	}
	for i, c := range list {
		at := fmt.Sprintf("%s/%d", d.at, i)
		o := Object{
			Type: "replication group", Name: c.ReplicationGroupID, ARN: c.ARN, Identity: string(c.ReplicationGroupCreateTime), By: "ReplicationGroupCreateTime",
			Pointer: at, Waits: pending(c.PendingModifiedValues, at+"/PendingModifiedValues"),
		}
		if c.PendingModifiedValues == nil {
			o.Lacks = "PendingModifiedValues"
		}
		if err := d.add(o); err != nil {
			return err
		}
	}
	return nil
}

func eksCluster(d *dump, v jsontext.Value) error {
	var c struct {
		Name, Arn, Version string
		CreatedAt          jsonTime
	}
	if err := json.Unmarshal(v, &c); err != nil {
		return err
	}
	return d.add(Object{
		Type: "eks cluster", Name: c.Name, ARN: c.Arn, Identity: string(c.CreatedAt), By: "createdAt", Version: c.Version, VersionAt: "/version", Pointer: d.at,
	})
}

func nodeGroup(d *dump, v jsontext.Value) error {
	var n struct {
		NodegroupName, NodegroupArn, ClusterName, Version string
		CreatedAt                                         jsonTime
	}
	if err := json.Unmarshal(v, &n); err != nil {
		return err
	}
	return d.add(Object{
		Type: "eks node group", Name: n.NodegroupName, Owner: n.ClusterName, ARN: n.NodegroupArn, Identity: n.NodegroupArn, By: "nodegroupArn",
		Version: n.Version, VersionAt: "/version", Pointer: d.at,
	})
}

func addon(d *dump, v jsontext.Value) error {
	var n struct {
		AddonName, AddonArn, ClusterName, AddonVersion string
	}
	if err := json.Unmarshal(v, &n); err != nil {
		return err
	}
	return d.add(Object{
		Type: "eks add-on", Name: n.AddonName, Owner: n.ClusterName, ARN: n.AddonArn, Identity: n.AddonArn, By: "addonArn",
		Version: n.AddonVersion, VersionAt: "/addonVersion", Pointer: d.at,
	})
}

// distribution reads get-distribution: its status is InProgress until all edge
// locations have the change, then Deployed (Amazon CloudFront API Reference,
// Distribution).
func distribution(d *dump, v jsontext.Value) error {
	var c struct {
		ID     string `json:"Id"`
		ARN    string
		Status string
	}
	if err := json.Unmarshal(v, &c); err != nil {
		return err
	}
	o := Object{Type: "cloudfront distribution", Name: c.ID, ARN: c.ARN, Identity: c.ID, By: "Id", State: c.Status, Pointer: d.at}
	if c.Status == "InProgress" {
		o.Waits = []Wait{{What: "the last change of its configuration", At: d.at + "/Status", Until: "every edge has it", Sure: true}}
	}
	return d.add(o)
}
