"""No form of a private address gets through, neither as a URL nor as what a name stands for."""

import pytest

from shared.addresses import AddressRefusedError, addresses_of, is_allowed, is_public, read_url

# Refused as they stand, before anybody is asked what they mean.
NOT_URLS = (
    "http://2130706433/", "http://0x7f000001/", "http://017700000001/", "http://0177.0.0.1/",
    "http://0x7f.0.0.1/", "http://127.1/", "http://127.0.1/", "http://0/", "http://0x/",
    "http://256.0.0.1/", "http://127.0.0.1.1/", "http://good@127.0.0.1/",
    "http://good:word@127.0.0.1/", "http://@127.0.0.1/", "http://127.0.0.1\\@example.org/",
    "http://example.org\\.evil/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://١٢٧.0.0.1/",
    "http://ⓛocalhost/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://[::1", "http://::1/",
    "http://[127.0.0.1]/", "http://exam ple.org/", "http://example.org/\r\nHost:x", "http://.example.org/",
    "http://example..org/", "http:///etc/passwd", "http:127.0.0.1", "//127.0.0.1/", "file:///etc/passwd",
    "gopher://127.0.0.1/", "ftp://127.0.0.1/", "http://127.0.0.1:0/", "http://127.0.0.1:99999/",
    "http://127.0.0.1:x/", "", "http://", "http://-x%2f.org/", "http://example.org/" + "a" * 2048,
)  # fmt: skip

# What a literal says, or a resolver answers.
NOT_PUBLIC = (
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.88.99.1",
    "168.63.129.16", "198.18.0.1", "203.0.113.1",
    "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1",
    "2001:0:0:0:0:0:80ff:fffe", "fd00:ec2::254", "fc00::1", "fe80::1", "fe80::1%eth0", "fec0::1",
    "ff02::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "nonsense", "",
)  # fmt: skip

PUBLIC = ("8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808",
          "2002:808:808::1")  # fmt: skip


@pytest.mark.parametrize("url", NOT_URLS)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        read_url(url)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_ones_own_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "target"),
    [
        ("https://Example.org", "example.org", 443, "example.org", "/"),
        ("http://example.org:8080/a?b=c#d", "example.org", 8080, "example.org:8080", "/a?b=c"),
        ("http://[::1]:80/x", "::1", 80, "[::1]", "/x"),
        ("http://[0:0::FFFF:7f00:1]/", "::ffff:7f00:1", 80, "[::ffff:7f00:1]", "/"),
        ("https://127.0.0.1:443/?q", "127.0.0.1", 443, "127.0.0.1", "/?q"),
        ("http://xn--caf-dma.org./", "xn--caf-dma.org.", 80, "xn--caf-dma.org.", "/"),
    ],
)  # fmt: skip
def test_a_plain_address_is_read_as_it_is(
    url: str, host: str, port: int, authority: str, target: str
) -> None:
    place = read_url(url)
    assert (place.host, place.port, place.authority, place.target) == (
        host, port, authority, target
    )  # fmt: skip


def test_a_host_is_allowed_by_name_or_by_what_it_is_below() -> None:
    allowed = ("hooks.local", "*.Example.com")
    assert is_allowed("hooks.local", allowed)
    assert is_allowed("a.example.com", allowed)
    assert not is_allowed("example.com", allowed)
    assert not is_allowed("notexample.com", allowed)


async def test_the_resolver_reads_old_notations_as_what_they_are() -> None:
    for host in ("localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1"):
        assert not any(map(is_public, await addresses_of(host, 80)))
