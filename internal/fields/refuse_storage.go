package fields

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"polygraph/internal/kubeobj"
)

const (
	claimSays   = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
	claimSource = coreValidation + "ValidatePersistentVolumeClaimUpdate, 1.37.2"
	gateOff     = "update is forbidden when the VolumeAttributesClass feature gate is disabled"
)

var claimRefusals = []refusal{
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.volumeName", asks: "it had a volume", when: func(c *change, e *Edit) answer {
			if !c.observed() && e.Old == nil {
				return unsure
			}
			return when(e.Old.Str() != "")
		}},
		says: claimSays, because: "a claim is bound once", source: claimSource,
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.storageClassName", asks: "it was set", when: func(c *change, e *Edit) answer {
			if e.Old != nil {
				return yes
			}
			if !c.observed() {
				return unsure // the default class may have been written into it
			}
			return when(e.New.Empty())
		}},
		says: claimSays, because: "the class of a claim is set once", source: claimSource,
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.resources.requests", when: claimSize, asks: "the claim is not bound, or the size goes below what it was (up to 1.31) or down to the capacity or less (from 1.32)"},
		says: "field can not be less than status.capacity", because: "a claim grows once it is bound, and never shrinks below its volume",
		source: claimSource,
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.volumeAttributesClassName", to: 33},
		says: gateOff, because: "the gate VolumeAttributesClass is off before 1.34", source: coreValidation + "ValidatePersistentVolumeClaimUpdate, 1.33.13",
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.volumeAttributesClassName", from: 34, when: attributesClass, asks: "the claim is not bound, or the class is removed after it was applied"},
		says: claimSays, because: "the attributes of a volume change once it is bound, to another class",
		source: claimSource,
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec", but: "spec.volumeName spec.storageClassName spec.resources.requests spec.volumeAttributesClassName"},
		says: claimSays, because: "a claim keeps what it asked for", source: claimSource,
	},
	{
		rule: rule{kinds: "PersistentVolume", fields: volumeSources, when: volumeSource, asks: "it is more than a first csi.controllerExpandSecretRef"},
		says: "spec.persistentvolumesource is immutable after creation", because: "a volume keeps what it stands for",
		source: coreValidation + "ValidatePersistentVolumeUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "PersistentVolume", fields: "spec.volumeMode"},
		says: immutable, because: "a volume keeps its mode", source: coreValidation + "ValidatePersistentVolumeUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "PersistentVolume", fields: "spec.nodeAffinity", asks: "it was set", when: func(c *change, _ *Edit) answer {
			if c.was("spec.nodeAffinity").Empty() {
				return no
			}
			return when(!onlyBetaLabels(c))
		}},
		says:    "field is immutable, except for updating from beta label to GA",
		because: "where a volume can be reached is set once (the gate MutablePVNodeAffinity is off)",
		source:  coreValidation + "validatePvNodeAffinity, 1.37.2",
	},
	{
		rule: rule{kinds: "PersistentVolume", fields: "spec.volumeAttributesClassName", to: 33},
		says: gateOff, because: "the gate VolumeAttributesClass is off before 1.34", source: coreValidation + "ValidatePersistentVolumeUpdate, 1.33.13",
	},
	{
		rule: rule{kinds: "PersistentVolume", fields: "spec.volumeAttributesClassName", from: 34, asks: "it is removed", when: func(_ *change, e *Edit) answer {
			return when(e.New == nil)
		}},
		says: "update from non-nil value to nil is forbidden", because: "a volume keeps a class once it has one",
		source: coreValidation + "ValidatePersistentVolumeUpdate, 1.37.2",
	},
}

// volumeSources are the members of PersistentVolumeSource, 1.29 to 1.37.
const volumeSources = "spec.awsElasticBlockStore spec.azureDisk spec.azureFile spec.cephfs spec.cinder spec.csi spec.fc spec.flexVolume " +
	"spec.flocker spec.gcePersistentDisk spec.glusterfs spec.hostPath spec.iscsi spec.local spec.nfs spec.photonPersistentDisk " +
	"spec.portworxVolume spec.quobyte spec.rbd spec.scaleIO spec.storageos spec.vsphereVolume"

func volumeSource(c *change, e *Edit) answer {
	const secret = "spec.csi.controllerExpandSecretRef"
	return when(!within(e.Field, secret) || !c.was(secret).Empty() || c.is(secret).Empty())
}

// bound tells whether a claim has its volume.
func bound(c *change) answer {
	if phase := c.was("status.phase"); phase.Str() != "" {
		return when(phase.Str() == "Bound")
	}
	if c.observed() {
		return no
	}
	return unsure
}

func claimSize(c *change, e *Edit) answer {
	const size = "spec.resources.requests.storage"
	was, ok := quantity(c.was(size))
	is, also := quantity(c.is(size))
	if !ok || !also {
		return yes // a request is required
	}
	for _, r := range c.is("spec.resources.requests").Each() {
		if r.Name != "storage" && c.was("spec.resources.requests."+r.Name) == nil {
			return yes
		}
	}
	b := bound(c)
	if b == no {
		return yes
	}
	if is.Cmp(was) >= 0 {
		if b == yes {
			return no
		}
		return b
	}
	if c.version <= 31 {
		return yes // RecoverVolumeExpansionFailure is on from 1.32
	}
	capacity, ok := quantity(c.was("status.capacity.storage"))
	if !ok {
		if c.observed() {
			return no // compared with nothing
		}
		return unsure
	}
	return when(is.Cmp(capacity) <= 0)
}

func attributesClass(c *change, e *Edit) answer {
	if b := bound(c); b != yes {
		if b == no {
			return yes
		}
		return unsure
	}
	return when(e.New.Str() == "" && c.was("status.currentVolumeAttributesClassName") != nil)
}

// onlyBetaLabels tells whether the node affinity differs only in labels that
// left their beta: the server allows that.
func onlyBetaLabels(c *change) bool {
	for i := range c.edits {
		e := &c.edits[i]
		if !within(e.Field, "spec.nodeAffinity") {
			continue
		}
		stable, known := stableLabels[e.Old.Str()]
		if !known || e.New.Str() != stable {
			return false
		}
	}
	return true
}

var stableLabels = map[string]string{
	"failure-domain.beta.kubernetes.io/zone":   "topology.kubernetes.io/zone",
	"failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
	"beta.kubernetes.io/os":                    "kubernetes.io/os",
	"beta.kubernetes.io/arch":                  "kubernetes.io/arch",
	"beta.kubernetes.io/instance-type":         "node.kubernetes.io/instance-type",
}

func quantity(v *kubeobj.Value) (resource.Quantity, bool) {
	if v == nil {
		return resource.Quantity{}, false
	}
	q, err := resource.ParseQuantity(v.Text)
	return q, err == nil
}

const storageValidation = "pkg/apis/storage/validation "

var storageRefusals = []refusal{
	{
		rule: rule{kinds: "StorageClass.storage.k8s.io", fields: "provisioner parameters reclaimPolicy volumeBindingMode", from: 36},
		says: immutable, because: "a class says how volumes are made; another way is another class", source: storageValidation + "ValidateStorageClassUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "StorageClass.storage.k8s.io", fields: "volumeBindingMode", to: 35},
		says: immutable, because: "a class says how volumes are made; another way is another class", source: storageValidation + "ValidateStorageClassUpdate, 1.35.4",
	},
	{
		rule: rule{kinds: "StorageClass.storage.k8s.io", fields: "provisioner parameters reclaimPolicy", to: 35},
		says: "updates to provisioner are forbidden.", because: "a class says how volumes are made; another way is another class", source: storageValidation + "ValidateStorageClassUpdate, 1.35.4",
	},
	{
		rule: rule{kinds: "CSIDriver.storage.k8s.io", fields: "spec.attachRequired spec.volumeLifecycleModes"},
		says: immutable, because: "volumes are attached as the driver said when it came", source: storageValidation + "ValidateCSIDriverUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "CSIDriver.storage.k8s.io", fields: "spec.fsGroupPolicy spec.podInfoOnMount", to: 29},
		says: immutable, because: "it may change from 1.30 on", source: storageValidation + "ValidateCSIDriverUpdate, 1.29.6",
	},
	{
		rule: rule{kinds: "CSINode.storage.k8s.io", fields: "spec.drivers", but: "spec.drivers.allocatable", when: sameDriver, asks: "it is of a driver that stays"},
		says: immutable, because: "a driver registers once", source: storageValidation + "ValidateCSINodeUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "CSINode.storage.k8s.io", fields: "spec.drivers.allocatable", to: 34, when: sameDriver, asks: "it is of a driver that stays"},
		says: immutable, because: "it may change from 1.35 on (MutableCSINodeAllocatableCount)", source: storageValidation + "ValidateCSINodeUpdate, 1.34.4",
	},
	{
		rule: rule{kinds: "VolumeAttachment.storage.k8s.io", fields: "spec"},
		says: immutable, because: "an attachment is of one volume to one node", source: storageValidation + "ValidateVolumeAttachmentUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "VolumeAttributesClass.storage.k8s.io", fields: "driverName parameters"},
		says: "updates to parameters are forbidden.", because: "other attributes are another class", source: storageValidation + "ValidateVolumeAttributesClassUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "CSIStorageCapacity.storage.k8s.io", fields: "nodeTopology storageClassName"},
		says: immutable, because: "a capacity is of one class in one place", source: storageValidation + "ValidateCSIStorageCapacityUpdate, 1.37.2",
	},
}

// sameDriver tells whether an edit changes a driver that is there before and
// after; drivers may come and go.
func sameDriver(_ *change, e *Edit) answer { return when(strings.HasPrefix(e.Field, "spec.drivers.")) }
