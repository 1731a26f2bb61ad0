#!/bin/sh
# Makes the namespace that TEMPORAL_NAMESPACE names, where it is not there yet, once the server answers.
set -eu

until temporal operator cluster health >/dev/null 2>&1; do
    sleep 1
done
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 7d
