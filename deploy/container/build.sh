#!/usr/bin/env bash
# Builds the image from nothing: a few of Debian's packages, this machine's Node and Framegate as npm installs it. It pulls
# no image and needs no daemon: buildah, and apt and npm that reach their registries. Whoever is not root runs it by
# `buildah unshare`.
#
#   build.sh [--package FILE.tgz] [--tag NAME:VERSION] [--rootfs DIR]
#
# --package  what `npm pack` made (default: it is made of this checkout)
# --tag      name of the image in buildah's store (default: framegate:latest)
# --rootfs   only write the files of the image into this folder
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

usage() { sed -n '/^#   build.sh/,/^# --rootfs/s/^# \{0,3\}//p' "$here/build.sh"; }

package='' tag=framegate:latest rootfs=''
while [ $# -gt 0 ]; do
  case $1 in
    --package) package=$(realpath "$2") ;;
    --tag) tag=$2 ;;
    --rootfs) mkdir -p "$2" && rootfs=$(realpath "$2") ;;
    --help | -h) usage && exit 0 ;;
    *) { echo "build.sh: unknown option $1" && usage; } >&2 && exit 2 ;;
  esac
  shift 2
done

# Node's libraries, the walls of the sandbox with theirs, a shell to start those, and what collects ended processes.
packages=(libc6 libgcc-s1 libstdc++6 bubblewrap libcap2 libselinux1 libpcre2-8-0 util-linux libcap-ng0 libsmartcols1 dash tini)

scratch=$(mktemp -d)
container=''
clean() {
  [ -z "$container" ] || buildah rm "$container" >/dev/null
  rm -rf "$scratch"
}
trap clean EXIT
root=$rootfs
if [ -z "$root" ]; then
  # The health check is a thing of Docker's format.
  container=$(buildah from --format docker scratch)
  root=$(buildah mount "$container")
fi

mkdir -p "$root"/{etc/framegate,opt/framegate,proc,sys,dev,tmp,usr/bin,usr/sbin,usr/lib,usr/lib64,usr/local/bin,var/lib/framegate,var/lib/dpkg/status.d}
ln -sfn usr/bin "$root/bin" && ln -sfn usr/sbin "$root/sbin" && ln -sfn usr/lib "$root/lib" && ln -sfn usr/lib64 "$root/lib64"
mkdir "$scratch/debs" && cd "$scratch/debs"
download() { apt-get download -qq -o APT::Sandbox::User=root "${packages[@]}"; }
download 2>/dev/null || { apt-get update -qq && download; }
cd "$here"
for deb in "$scratch"/debs/*.deb; do
  # A package may have /lib as a folder; here it is a link, as on every Debian.
  dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root"
  # What scanners for known vulnerabilities read.
  dpkg-deb -f "$deb" >"$root/var/lib/dpkg/status.d/$(dpkg-deb -f "$deb" Package)"
done
rm -rf "$root"/usr/share/{doc,man,locale,lintian,bash-completion,bug,zsh,doc-base,menu} "$root"/usr/sbin/* "$root"/etc/{pam.d,init.d,default,cron*,ld.so.conf.d}
# Of util-linux only the two that the walls are made of.
find "$root"/usr/bin -type f ! -name bwrap ! -name prlimit ! -name setpriv ! -name dash ! -name tini -delete
find "$root"/usr/bin -xtype l -delete
# A file of them may be a program that changes who it runs as.
find "$root" -xdev -type f -perm /6000 -exec chmod a-s {} +
ln -sfn dash "$root/usr/bin/sh"
printf '%s\n' 'root:x:0:0::/:/sbin/nologin' 'framegate:x:65532:65532::/var/lib/framegate:/sbin/nologin' \
  'nobody:x:65534:65534::/:/sbin/nologin' >"$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'framegate:x:65532:' 'nogroup:x:65534:' >"$root/etc/group"
cp /etc/debian_version "$root/etc/" && cp -L /etc/os-release "$root/etc/os-release"

if [ -z "$package" ]; then
  package=$scratch/$(cd "$here/../.." && npm pack --silent --pack-destination "$scratch" | tail -1)
fi
echo '{ "private": true }' >"$root/opt/framegate/package.json"
npm install --silent --prefix "$root/opt/framegate" --omit=dev --ignore-scripts --prefer-offline --no-audit --no-fund "$package"
(
  cd "$root/opt/framegate"
  rm -rf package.json package-lock.json
  # What other systems run, and sources of what is there compiled.
  machine=$(node -p '`${process.platform}-${process.arch}`')
  find node_modules/isolated-vm/prebuilds -mindepth 1 -maxdepth 1 ! -name "$machine" -exec rm -rf {} +
  rm -rf node_modules/isolated-vm/{src,vendor,native-example,*.tgz}
  find . -name '*.map' -type f -delete
)
cp "$(node -p process.execPath)" "$root/usr/local/bin/node"
cp "$here/framegate" "$root/usr/local/bin/framegate"
# Whoever built it, all may read it; nobody but root may change it.
chmod -R u=rwX,go=rX "$root/opt" "$root/etc" "$root/usr/local"
chmod 755 "$root/usr/local/bin/framegate" "$root"
chmod 1777 "$root/tmp"
if [ "$(id -u)" = 0 ]; then chown -R 0:0 "$root" && chown 65532:65532 "$root/var/lib/framegate"; fi
chmod 700 "$root/var/lib/framegate"
du -sm "$root" | awk '{ print "files of the image: " $1 " MiB" }'
[ -z "$rootfs" ] || exit 0

version=$(node -p 'require(process.argv[1]).version' "$root/opt/framegate/node_modules/framegate/package.json")
buildah umount "$container" >/dev/null
buildah config \
  --user 65532:65532 --workingdir /etc/framegate \
  --entrypoint '["/usr/bin/tini", "--", "/usr/local/bin/framegate"]' --cmd start \
  --port 8080 --port 9090 --volume /var/lib/framegate --stop-signal SIGTERM \
  --env PATH=/usr/local/bin:/usr/bin --env HOME=/var/lib/framegate \
  --healthcheck 'CMD /usr/local/bin/framegate health --gateway http://127.0.0.1:9090' \
  --healthcheck-interval 15s --healthcheck-timeout 6s --healthcheck-start-period 20s \
  --label org.opencontainers.image.title=Framegate \
  --label "org.opencontainers.image.version=$version" \
  --label org.opencontainers.image.licenses=Apache-2.0 \
  "$container"
buildah commit --quiet --format docker "$container" "$tag" >/dev/null
echo "built $tag"
