"""Alerts, the dashboard and the autoscaling: what they say, and whether programs have such metrics."""

import json
import os
import re

from outcomes import check, succeeds
from sources import ROOT, documents, read


def prometheus():
    promtool, folder = os.environ["PROMTOOL"], ROOT / "deploy/prometheus"
    succeeds("promtool check rules", promtool, "check", "rules", "kai.rules.yml", cwd=folder)
    succeeds("promtool check config", promtool, "check", "config", "--syntax-only", "prometheus.yml", cwd=folder)
    succeeds("promtool test rules", promtool, "test", "rules", "kai.rules.test.yml", cwd=folder)


ENDINGS = r"_(?:bucket|sum|count|total|info|created)$"


def metrics(pages):
    """Every metric that a dashboard, an alert or the autoscaling names is one that programs have, with the
    labels that are asked for."""
    families, labels = set(), {}
    for text in pages:
        families.update(re.findall(r"^# TYPE (\S+)", text, re.M))
        for name, inside in re.findall(r"^(\w+)\{(.*)\} ", text, re.M):
            labels.setdefault(re.sub(ENDINGS, "", name), set()).update(re.findall(r'(\w+)="', inside))
    expressions = {}
    board = json.loads(read("deploy/grafana/dashboards/kai.json"))
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            expressions[f"dashboard, {panel['title']}"] = target["expr"]
    for variable in board["templating"]["list"]:
        expressions[f"dashboard, variable {variable['name']}"] = variable.get("definition", "")
    for group in documents("deploy/prometheus/kai.rules.yml")[0]["groups"]:
        for rule in group["rules"]:
            expressions[f"alert {rule['alert']}"] = rule["expr"]
    for trigger in documents("deploy/kubernetes/autoscaling/worker.yaml")[0]["spec"]["triggers"]:
        expressions[f"autoscaling by {trigger['type']}"] = trigger["metadata"].get("query", "")
    ids = [panel["id"] for panel in board["panels"]]
    check("dashboard: every panel has an id of its own", len(ids) == len(set(ids)))
    for where, expression in expressions.items():
        for name in re.findall(r"\b(?:kai|temporal)_\w+", expression):
            family = re.sub(ENDINGS, "", name)
            check(f"{where}: {name} is there", family in families or name in families)
        for name, inside in re.findall(r"\b((?:kai|temporal)_\w+)\{([^}]*)\}", expression):
            wanted = set(re.findall(r'(\w+)[=!]~?"', inside)) - {"instance"}
            known = labels.get(re.sub(ENDINGS, "", name), labels.get(name))
            if known is not None:
                check(f"{where}: {name} has {sorted(wanted)}", wanted <= known, f"it has {sorted(known)}")
