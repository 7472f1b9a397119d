package pinning

import (
	"slices"
	"strings"
)

// Unowned tells whether an image is named without a registry and an owner and
// is none of Docker's official images: no such image can be fetched, so it is
// one that somebody built on the machine, or a name that the build is given.
// The list leaves out what few use; what is not on it is not known to be there.
//
// Source: docker-library/official-images, library/ (the files of that folder).
func Unowned(ref string) bool {
	n, ok := ParseImage(ref)
	if !ok || strings.Contains(ref, "/") || isImageID(ref) {
		return false
	}
	_, found := slices.BinarySearch(official, n.Familiar())
	return !found
}

// official are official images of Docker Hub, those of former times included.
var official = strings.Fields(`
	adminer adoptopenjdk aerospike almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux
	backdrop bash bonita buildpack-deps busybox caddy cassandra centos chronograf cirros clearlinux clefos clickhouse clojure composer
	consul convertigo couchbase couchdb crate crux dart debian docker drupal eclipse-mosquitto eclipse-temurin eggdrop elasticsearch elixir
	emqx erlang euleros express-gateway fedora flink fluentd friendica gazebo gcc geonetwork ghost golang gradle groovy haproxy haskell
	haxe hello-world hitch hola-mundo hola-world httpd hylang ibm-semeru-runtimes ibmjava influxdb iojs irssi jenkins jetty jobber joomla
	jruby julia kaazing-gateway kapacitor kibana known kong krakend lightstreamer liquibase logstash mageia mariadb matomo maven mediawiki
	memcached mongo mongo-express monica mono mysql nats nats-streaming neo4j neurodebian nextcloud nginx node notary nuxeo odoo
	open-liberty openjdk opensuse oraclelinux orientdb percona perl photon php php-zendserver phpmyadmin piwik plone postfixadmin postgres
	pypy python r-base rabbitmq rails rakudo-star rapidoid redis redmine registry rethinkdb rocket.chat rockylinux ros ruby rust sapmachine
	satosa scratch sentry silverpeas sl solr sonarqube sourcemage spark spiped storm swarm swift swipl teamspeak telegraf thrift tomcat tomee
	traefik ubuntu ubuntu-debootstrap ubuntu-upstart unit varnish vault websphere-liberty wordpress xwiki yourls znc zookeeper`)
