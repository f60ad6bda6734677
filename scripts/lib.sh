# Shared by the scripts beside it: `root` is the checkout; `set_up demo|test` makes ready what they need.
# Source it after `root` is set. Works in any POSIX shell.

# The first Python new enough to run Cueroom; the ones it is tested with come first.
find_python() {
    for name in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "Cueroom needs Python 3.11 or newer, and none of these is: ${PYTHON:-python3.11 … python3.14, python3, python}." >&2
    echo "Install one (Debian: apt-get install python3 python3-venv; macOS: brew install python), or name it: PYTHON=/path/to/python3 $0" >&2
    return 1
}

set_up() {
    python=$(find_python) || exit 1
    "$python" "$root/scripts/set_up.py" "$1"
}
