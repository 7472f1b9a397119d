//go:build before_1_32

package main

func strategiesOfRelease(subresource) []entry { return nil }
