// Package pictures draws the pictures of the documentation from what the
// program really prints and compares them with the committed ones.
package pictures
