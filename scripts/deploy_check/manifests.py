"""The manifests of Kubernetes."""

import glob
import os
import pathlib
import re
import shutil
import tempfile
import urllib.parse

import jsonschema
import kubernetes_validate
import yaml

from outcomes import check, succeeds
from programs import drain_fits, settings_are_taken, settings_exist
from sources import ROOT, SETTINGS, documents

KUBERNETES = "1.37"


def strict(schema):
    """The schema without fields that it does not name, where it names any."""
    if isinstance(schema, dict):
        schema = {key: strict(value) for key, value in schema.items()}
        if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
    elif isinstance(schema, list):
        schema = [strict(one) for one in schema]
    return schema


def keda(document):
    """A ScaledObject, against KEDA's own definition and what its triggers read."""
    module = pathlib.Path(os.environ["KEDA"])
    definition = yaml.safe_load((module / "config/crd/bases/keda.sh_scaledobjects.yaml").read_text())
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["metadata"] = {"type": "object", "properties": {"name": {}, "namespace": {}}}
    try:
        jsonschema.validate(document, strict(schema))
        check("kubernetes: the ScaledObject is KEDA's", True)
    except jsonschema.ValidationError as error:
        check("kubernetes: the ScaledObject is KEDA's", False, error.message)
    sources = {"temporal": "temporal.go", "prometheus": "prometheus_scaler.go"}
    for trigger in document["spec"]["triggers"]:
        source = (module / "pkg/scalers" / sources[trigger["type"]]).read_text()
        known = set(re.findall(r'keda:"name=(\w+)', source))
        for name in trigger["metadata"]:
            check(f"kubernetes: {trigger['type']} reads {name}", name in known)


def validate(where, document):
    """A document against its schema."""
    if document["kind"] == "ScaledObject":
        keda(document)
        return
    what = f"{where}: {document['kind']} {document['metadata']['name']}"
    try:
        kubernetes_validate.validate(document, KUBERNETES, strict=True)
        check(what, True)
    except jsonschema.ValidationError as error:
        check(what, False, error.message)


def kubernetes():
    by_kind = {}
    for path in sorted(glob.glob("deploy/kubernetes/*/*.yaml", root_dir=ROOT)):
        for document in documents(path):
            if document["kind"] == "Kustomization":
                for resource in document["resources"]:
                    check(f"{path}: {resource} is there", (ROOT / path).parent.joinpath(resource).exists())
                continue
            name = document["metadata"]["name"]
            by_kind.setdefault(document["kind"], {})[name] = document
            validate(path, document)
    for program in SETTINGS:
        settings = by_kind["ConfigMap"][program]["data"]
        settings_exist(f"kubernetes {program}", program, settings)
        pod = by_kind["Deployment"][program]["spec"]["template"]["spec"]
        labels = by_kind["Deployment"][program]["spec"]["template"]["metadata"]["labels"]
        for kind, path in (("PodDisruptionBudget", ["selector", "matchLabels"]),
                           ("NetworkPolicy", ["podSelector", "matchLabels"])):
            selector = by_kind[kind][program]["spec"]
            for key in path:
                selector = selector[key]
            check(f"kubernetes {program}: the {kind} means its pods", selector.items() <= labels.items())
        container = pod["containers"][0]
        rights = container["securityContext"]
        check(f"kubernetes {program}: cannot write, has no rights",
              rights["readOnlyRootFilesystem"] and not rights["allowPrivilegeEscalation"]
              and rights["capabilities"]["drop"] == ["ALL"] and pod["securityContext"]["runAsNonRoot"])
    worker = by_kind["Deployment"]["kai-worker"]["spec"]["template"]["spec"]
    settings = by_kind["ConfigMap"]["kai-worker"]["data"]
    settings_are_taken("kubernetes", settings)
    drain_fits("kubernetes", worker["terminationGracePeriodSeconds"], settings["KAI_SHUTDOWN_GRACE_SECONDS"])
    receiver = by_kind["ConfigMap"]["kai-sse-callback"]["data"]
    for name in ("TEMPORAL_HOST", "TEMPORAL_NAMESPACE", "TEMPORAL_TASK_QUEUE"):
        check(f"kubernetes: the page asks by {name} where workers work", receiver[name] == settings[name])
    host = urllib.parse.urlsplit(receiver["SSE_CALLBACK_HOST"]).hostname
    check("kubernetes: workers may post to where the page asks", host in settings["CALLBACK_ALLOWED_HOSTS"].split(","))
    pod = by_kind["Deployment"]["kai-sse-callback"]["spec"]["template"]["spec"]
    needed = {one["name"] for one in pod["containers"][0]["env"] if "secretKeyRef" in one["valueFrom"]}
    check("kubernetes: no receiver without tokens", needed >= {"SSE_PUBLISH_TOKEN", "SSE_SUBSCRIBE_TOKEN"})
    trigger = by_kind["ScaledObject"]["kai-worker"]["spec"]["triggers"][0]["metadata"]
    for ours, theirs in (("TEMPORAL_HOST", "endpoint"), ("TEMPORAL_NAMESPACE", "namespace"),
                         ("TEMPORAL_TASK_QUEUE", "taskQueue")):
        check(f"kubernetes: workers and autoscaling agree on {ours}", settings[ours] == trigger[theirs])
    kustomized(by_kind)


def kustomized(by_kind):
    """What kustomize makes of them: all that the files have, valid, with the images that somebody names."""
    kustomize = pathlib.Path(os.environ["GO_PROGRAMS"]) / "kustomize"
    for folder in ("base", "autoscaling"):
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(ROOT / "deploy/kubernetes", copy, dirs_exist_ok=True)
            succeeds("kustomize edit set image", kustomize, "edit", "set", "image", "kai-worker=registry/kai-worker:9",
                     "kai-sse-callback=registry/kai-sse-callback:9", cwd=f"{copy}/base")
            made = [one for one in yaml.safe_load_all(succeeds(f"kustomize build {folder}", kustomize, "build", folder,
                                                               cwd=copy)) if one]
        for document in made:
            validate(f"kustomize build {folder}", document)
        there = {(document["kind"], document["metadata"]["name"]) for document in made}
        for kind, documents_of_kind in by_kind.items():
            for name in documents_of_kind:
                if folder == "autoscaling" or kind not in ("ScaledObject", "HorizontalPodAutoscaler"):
                    check(f"kustomize build {folder}: has the {kind} {name}", (kind, name) in there)
        for document in made:
            check(f"kustomize build {folder}: {document['metadata']['name']} is in the namespace",
                  document["kind"] == "Namespace" or document["metadata"].get("namespace") == "kai")
            if document["kind"] == "Deployment":
                image = document["spec"]["template"]["spec"]["containers"][0]["image"]
                check(f"kustomize build {folder}: {image} is the one that was named", image.startswith("registry/"))
