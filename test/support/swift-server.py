"""A whole Swift with its S3 API in one process, of Debian's packages: swift-server.py FOLDER PORT KEY SECRET

The account, container and object servers and the proxy are Swift's own, each on its own port of the loopback, as
green threads. One replica on one device, no memcached, and nothing read from /etc/swift. Says "ready", and ends when
its standard input does.
"""

import eventlet

eventlet.monkey_patch()

import os
import sys

from eventlet import wsgi

folder, port, key, secret = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
devices = os.path.join(folder, "devices")
os.makedirs(os.path.join(devices, "d"))


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


write(
    "swift.conf",
    "[swift-hash]\nswift_hash_path_suffix = tests\n[storage-policy:0]\nname = only\ndefault = yes\n",
)

from swift.common import utils

utils.set_swift_dir(folder)

from swift.common import storage_policy
from swift.common.ring import RingBuilder
from swift.common.wsgi import SwiftHttpProtocol, loadapp

storage_policy.reload_storage_policies()


def keeps_attributes():
    """Whether the folder's file system has what Swift keeps an object's metadata in."""
    try:
        os.setxattr(devices, "user.swift.tests", b"1")
        return True
    except OSError:
        return False


common = f"[DEFAULT]\nswift_dir = {folder}\ndevices = {devices}\nmount_check = false\nlog_level = CRITICAL\n"
sockets = {name: eventlet.listen(("127.0.0.1", 0)) for name in ("account", "container", "object")}
sockets["proxy"] = eventlet.listen(("127.0.0.1", port))

for name in ("account", "container", "object"):
    builder = RingBuilder(1, 1, 0)
    place = {"ip": "127.0.0.1", "port": sockets[name].getsockname()[1], "device": "d"}
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1, **place})
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, f"{name}.ring.gz"))
    egg = "mem_object" if name == "object" and not keeps_attributes() else name
    write(f"{name}.conf", f"{common}[app:main]\nuse = egg:swift#{egg}\n")

pipeline = "catch_errors gatekeeper listing_formats bulk s3api tempauth slo dlo versioned_writes symlink proxy-server"
filters = "".join(
    f"[filter:{name}]\nuse = egg:swift#{name}\n{settings}"
    for name, settings in {
        "catch_errors": "",
        "gatekeeper": "",
        "listing_formats": "",
        "bulk": "",
        "s3api": "s3_acl = false\ncheck_bucket_owner = false\nlocation = us-east-1\nmin_segment_size = 1024\n",
        "tempauth": f"user_{key.replace(':', '_')} = {secret} .admin\n",
        "slo": "",
        "dlo": "",
        "versioned_writes": "allow_object_versioning = true\n",
        "symlink": "",
    }.items()
)
write(
    "proxy.conf",
    f"{common}[pipeline:main]\npipeline = {pipeline}\n"
    "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\nallow_account_management = true\n"
    f"node_timeout = 30\nconn_timeout = 5\n{filters}",
)


class Cache:
    """What the proxy asks of memcached, as far as it does here: nothing ever runs out."""

    def __init__(self):
        self.values = {}

    def set(self, name, value, **_):
        self.values[name] = value

    def get(self, name, **_):
        return self.values.get(name)

    def delete(self, name, **_):
        self.values.pop(name, None)


def remembering(app):
    cache = Cache()

    def remember(env, start_response):
        env["swift.cache"] = cache
        return app(env, start_response)

    return remember


for name, socket in sockets.items():
    app = loadapp(os.path.join(folder, f"{name}.conf"), global_conf={"log_name": name})
    if name == "proxy":
        app = remembering(app)
    options = {"protocol": SwiftHttpProtocol, "capitalize_response_headers": False, "log": utils.NullLogger()}
    eventlet.spawn(wsgi.server, socket, app, **options)

print("ready", flush=True)
eventlet.tpool.execute(sys.stdin.read)
