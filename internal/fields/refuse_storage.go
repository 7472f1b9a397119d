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
		rule: rule{kinds: "PersistentVolumeClaim", fields: claimRequests, when: noSize, asks: "no storage is requested"},
		says: "Required value", because: "a claim requests storage", source: coreValidation + "ValidatePersistentVolumeClaimSpec, 1.37.2",
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: claimRequests, to: 31, when: shrinks, asks: "the size goes below what it was"},
		says: "field can not be less than previous value", because: "a claim never shrinks (the gate RecoverVolumeExpansionFailure is off before 1.32)",
		source: coreValidation + "ValidatePersistentVolumeClaimUpdate, 1.31.14",
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: claimRequests, from: 32, when: belowCapacity, asks: "the size goes down to the capacity of the volume or below it, or the claim is not bound"},
		says: "field can not be less than status.capacity", because: "a claim never shrinks below its volume", source: claimSource,
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: claimRequests, when: unbound, asks: "the claim is not bound"},
		says: claimSays, because: "only bound claims can be resized", source: claimSource,
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: claimRequests, when: otherRequest, asks: "something other than storage is requested"},
		says: claimSays, because: "of what a claim requests only the storage changes", source: claimSource,
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.volumeAttributesClassName", to: 33},
		says: gateOff, because: "the gate VolumeAttributesClass is off before 1.34", source: coreValidation + "ValidatePersistentVolumeClaimUpdate, 1.33.13",
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.volumeAttributesClassName", from: 34, when: unbound, asks: "the claim is not bound"},
		says: claimSays, because: "the attributes of a volume change once it is bound", source: claimSource,
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.volumeAttributesClassName", from: 34, asks: "the class is removed after it was applied", when: func(c *change, e *Edit) answer {
			return and(when(e.New.Empty()), classApplied(c))
		}},
		says: "update to nil is forbidden when status.currentVolumeAttributesClassName is not nil", because: "the attributes of a volume change to another class, not to none", source: claimSource,
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.volumeAttributesClassName", from: 34, asks: "the class becomes empty after it was applied", when: func(c *change, e *Edit) answer {
			return and(when(!e.New.Empty() && e.New.Str() == ""), classApplied(c))
		}},
		says: "update to empty string is forbidden when status.currentVolumeAttributesClassName is not nil", because: "the attributes of a volume change to another class, not to none", source: claimSource,
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

func unbound(c *change, _ *Edit) answer {
	switch bound(c) {
	case yes:
		return no
	case no:
		return yes
	}
	return unsure
}

const (
	claimRequests = "spec.resources.requests"
	claimStorage  = claimRequests + ".storage"
)

func noSize(c *change, _ *Edit) answer {
	_, had := quantity(c.was(claimStorage))
	_, has := quantity(c.is(claimStorage))
	return when(!had || !has)
}

func shrinks(c *change, _ *Edit) answer {
	was, _ := quantity(c.was(claimStorage))
	is, _ := quantity(c.is(claimStorage))
	return when(is.Cmp(was) < 0)
}

// belowCapacity is unsure of what it is not told, unbound claims too: they have
// no capacity, and are refused for another reason.
func belowCapacity(c *change, e *Edit) answer {
	if shrinks(c, e) == no || bound(c) == no {
		return no
	}
	capacity, ok := quantity(c.was("status.capacity.storage"))
	if !ok {
		if c.observed() {
			return no // compared with nothing
		}
		return unsure
	}
	is, _ := quantity(c.is(claimStorage))
	return when(is.Cmp(capacity) <= 0)
}

func otherRequest(c *change, e *Edit) answer {
	if within(e.Field, claimRequests) {
		return when(e.Path != claimStorage)
	}
	for _, r := range c.is(claimRequests).Each() {
		if r.Name != "storage" && c.was(claimRequests+"."+r.Name) == nil {
			return yes
		}
	}
	return no
}

func classApplied(c *change) answer {
	if c.was("status.currentVolumeAttributesClassName") != nil {
		return yes
	}
	if c.observed() || c.was("status.phase").Str() != "" {
		return no
	}
	return unsure
}

// and is the less certain of two answers.
func and(a, b answer) answer {
	switch {
	case a == no || b == no:
		return no
	case a == unsure || b == unsure:
		return unsure
	}
	return yes
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
