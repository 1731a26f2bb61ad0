"""Docker's own name server, which nginx asks in Compose: 127.0.0.11 answers a name with all addresses it has.

Arguments: NAME=ADDRESS, one for each address.
"""

import ipaddress
import socket
import sys

ADDRESSES = {}
for pair in sys.argv[1:]:
    name, _, address = pair.partition("=")
    ADDRESSES.setdefault(name, []).append(ipaddress.ip_address(address).packed)

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind(("127.0.0.11", 53))
    while True:
        question, asker = server.recvfrom(512)
        labels, at = [], 12
        while length := question[at]:
            labels.append(question[at + 1:at + 1 + length].decode())
            at += length + 1
        wanted, end = question[at + 1:at + 3], at + 5
        known = ADDRESSES.get(".".join(labels))
        found = known if known and wanted == b"\x00\x01" else []
        # An answer that recursion made; 3 is that there is no such name.
        flags = b"\x81\x80" if known else b"\x81\x83"
        records = b"".join(b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04" + address for address in found)
        server.sendto(question[:2] + flags + b"\x00\x01" + len(found).to_bytes(2, "big") + b"\x00" * 4
                      + question[12:end] + records, asker)
