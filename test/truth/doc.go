// Package truth holds every verdict about a Terraform plan against the engine that the verdict is about.
//
// A scene applies a configuration, lets things happen behind the engine's back, plans another
// configuration, has the change analyzer judge that plan, and then applies the very same plan. What the
// analyzer said and what was done are compared, so that either being wrong fails. Three witnesses tell
// what was done: the state before and after, the calls that the mock of AWS logged, and what is left in
// its cloud.
//
// One cause, many changes is proven by its counterfactual: the same state is planned again with only the
// accused edit taken back. Whatever the finding blamed on it has to be gone from that plan, and whatever
// it did not blame on it has to be there still.
//
// The comparisons return their complaints instead of failing, so that tests can hand them a false
// verdict and see that they object.
package truth
