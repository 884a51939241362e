#!/bin/sh
# Installs what `cargo build --release` has built: the program with its three names, the manual pages, completions of
# bash, zsh and fish, systemd's units, and texts. Nothing is enabled or started. The packages are made with it too. What
# can be set:
#   DESTDIR       a folder in front of every path, for packages
#   PREFIX        /usr/local
#   PROGRAM       the program that was built; target/release/ipvsadm
#   RULES         the file of rules that ipvsadm.service loads; /etc/ipvsadm.rules
#   DEFAULTS      the file of settings that the units read; /etc/default/ipvsadm
#   AUTO          whether ipvsadm.service loads the rules when DEFAULTS does not say; true
set -eu
cd "$(dirname "$0")/.."
: "${DESTDIR:=}" "${PREFIX:=/usr/local}" "${PROGRAM:=${CARGO_TARGET_DIR:-target}/release/ipvsadm}"
: "${RULES:=/etc/ipvsadm.rules}" "${DEFAULTS:=/etc/default/ipvsadm}" "${AUTO:=true}"
root=$DESTDIR$PREFIX
[ -x "$PROGRAM" ] || { echo "install.sh: no program at $PROGRAM; run: cargo build --release" >&2; exit 1; }

# fill FILE FOLDER: with the paths of this installation in it.
fill() {
  install -D -m 644 "docs/packaging/$1" "$2/$1"
  sed -i -e "s|@SBIN@|$PREFIX/sbin|g" -e "s|@DOC@|$PREFIX/share/doc/ipvsadm|g" -e "s|@RULES@|$RULES|g" \
    -e "s|@DEFAULTS@|$DEFAULTS|g" -e "s|@AUTO@|$AUTO|g" "$2/$1"
}

# The name that it is called by decides which program it is.
install -D -m 755 "$PROGRAM" "$root/sbin/ipvsadm"
ln -sf ipvsadm "$root/sbin/ipvsadm-save"
ln -sf ipvsadm "$root/sbin/ipvsadm-restore"

install -D -m 644 -t "$root/share/man/man8" docs/*.8

for name in ipvsadm ipvsadm-save ipvsadm-restore; do
  install -D -m 644 "docs/completions/$name.bash" "$root/share/bash-completion/completions/$name"
done
install -D -m 644 -t "$root/share/zsh/site-functions" docs/completions/_*
install -D -m 644 -t "$root/share/fish/vendor_completions.d" docs/completions/*.fish

for unit in ipvsadm.service ipvsadm-sync@.service; do fill "$unit" "$root/lib/systemd/system"; done

install -D -m 644 -t "$root/share/doc/ipvsadm" docs/CHANGELOG.md docs/differences.md
for example in 10-save-at-stop.conf 20-clear-at-stop.conf; do fill "$example" "$root/share/doc/ipvsadm/examples"; done
