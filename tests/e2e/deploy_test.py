"""What is deployed: the Kubernetes manifests against Kubernetes' own schemas and the restricted Pod Security Standard, what both they and
compose give the programs, and the list of what is in an image against CycloneDX's."""

import json
import re
import subprocess

import kubernetes_validate
import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import programs

MANIFESTS = sorted((programs.ROOT / "deploy/kubernetes").glob("*.yaml"))
DOCUMENTS = [document for manifest in MANIFESTS for document in yaml.safe_load_all(manifest.read_text())]


def of_kind(kind):
    return next(document for document in DOCUMENTS if document["kind"] == kind)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document["kind"])
def test_manifests_are_what_kubernetes_knows(document):
    kubernetes_validate.validate(document, "1.31", strict=True)


def test_a_manifest_that_is_wrong_would_be_found():
    wrong = json.loads(json.dumps(of_kind("Deployment")))
    wrong["spec"]["template"]["spec"]["containers"][0]["livenessProb"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.31", strict=True)


def test_the_pod_is_restricted():
    pod = of_kind("Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not pod["automountServiceAccountToken"]
    for container in pod["containers"]:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False and context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        # What the programs read: without a limit of cpu their threads would follow the processors of the node.
        assert container["resources"]["limits"]["memory"] and container["resources"]["limits"]["cpu"]


# What is left of a pod's time when that to drain is over: a second for spans, and some for the processes to end.
RESERVE_MS = 3000


def test_a_pod_leaves_before_it_drains_and_has_the_time_for_both():
    pod = of_kind("Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    environment = {variable["name"]: variable["value"] for variable in container["env"]}
    page = (programs.ROOT / "docs/configuration.md").read_text()
    default = re.search(r"^\| `--drain-timeout-ms` \| `(\d+)`", page[page.index("## verdict-gateway"):], re.M)[1]
    drain = int(environment.get("VERDICT_DRAIN_TIMEOUT_MS", default))
    lame_duck = int(environment.get("VERDICT_LAME_DUCK_MS", 0))
    probe = container["readinessProbe"]
    assert lame_duck >= 1000 * probe["periodSeconds"] * probe["failureThreshold"]
    assert lame_duck < drain
    assert drain + RESERVE_MS <= 1000 * pod["terminationGracePeriodSeconds"]
    # As the page has it.
    page = (programs.ROOT / "docs/lifecycle.md").read_text()
    assert int(re.search(r"`terminationGracePeriodSeconds` at its (\d+) s", page)[1]) == pod["terminationGracePeriodSeconds"]
    assert set(re.findall(r'VERDICT_LAME_DUCK_MS, value: "(\d+)"', page)) == {str(lame_duck)}


def test_the_variables_of_the_pod_are_options():
    known = subprocess.run([programs.BINARIES / "verdict-gateway", "--help"], capture_output=True, text=True, check=True).stdout
    for variable in of_kind("Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]:
        assert "--" + variable["name"].removeprefix("VERDICT_").lower().replace("_", "-") in known


def test_who_answers_http_with_a_read_only_root_can_write_to_tmp():
    pod = of_kind("Deployment")["spec"]["template"]["spec"]
    for container in pod["containers"]:
        (volume,) = (mount["name"] for mount in container["volumeMounts"] if mount["mountPath"] == "/tmp" and not mount.get("readOnly"))
        assert "emptyDir" in next(each for each in pod["volumes"] if each["name"] == volume)
    gateway = yaml.safe_load((programs.ROOT / "deploy/compose.yaml").read_text())["services"]["gateway"]
    assert gateway["read_only"] and "/tmp" in {mount.split(":")[0] for mount in gateway.get("tmpfs", [])}


@pytest.fixture(scope="module")
def sbom(tmp_path_factory):
    out = tmp_path_factory.mktemp("sbom")
    for name in ("one.json", "two.json"):
        subprocess.run([programs.ROOT / "scripts/sbom.sh", out / name, *(programs.BINARIES / program for program in ("verdict-service", "verdict-gateway"))],
                       check=True, capture_output=True)
    assert (out / "one.json").read_bytes() == (out / "two.json").read_bytes()
    return (out / "one.json").read_text()


def test_the_list_of_an_image_is_cyclonedx(sbom):
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(sbom) is None
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(sbom.replace('"library"', '"book"')) is not None


def test_the_list_of_an_image_names_every_library_with_version_and_licence(sbom):
    components = {component["name"]: component for component in json.loads(sbom)["components"]}
    files = [property["value"].split()[0] for component in components.values() for property in component.get("properties", [])]
    loaded = subprocess.run(["ldd", programs.BINARIES / "verdict-gateway"], capture_output=True, text=True, check=True).stdout
    for line in loaded.splitlines():
        if "=>" in line:
            assert line.split()[0] in files, line
    assert {"libssl3", "libgrpc++1.51", "libc6", "libboost1.81-dev", "swagger-ui", "verdict-gateway"} <= set(components)
    assert all(component.get("licenses") and component["version"] for component in components.values())
