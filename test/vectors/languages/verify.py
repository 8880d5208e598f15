"""A receiver's signature check in Python 3.8+, standard library only. Copy the first part, up to `verify_webhook`'s end;
below it is the run over ../signatures.json: `python3 verify.py`."""
import base64
import hashlib
import hmac
import re
import time


class Rejected(Exception):
    """Answer 401 and do not look at the body. The text is a stable code, such as signature_mismatch."""


def verify_webhook(body, headers, secrets, now=None, tolerance=300, allow_body_only=False):
    """Gives 'standard' or 'body-only', or raises Rejected.

    body: bytes as they came, before any parser. headers: dict. secrets: list of str; during a rotation the old and the new.
    allow_body_only: for secrets without whsec_; such requests carry no signed time, so anybody can replay them.
    """
    headers = {name.lower(): value for name, value in headers.items()}
    secrets = [secret for secret in secrets if secret]
    if not secrets:
        raise Rejected("missing_secret")
    if not headers.get("webhook-signature") and allow_body_only:
        check_body_signature(required(headers, "x-topcalls-signature"), body, secrets)
        return "body-only"

    signatures = required(headers, "webhook-signature").split(" ")
    webhook_id = required(headers, "webhook-id")
    timestamp = required(headers, "webhook-timestamp")
    if not re.fullmatch(r"[1-9][0-9]{0,14}", timestamp):
        raise Rejected("timestamp_invalid")
    keys = [key for key in map(standard_key, secrets) if key]
    if not keys:
        raise Rejected("bad_secret")

    if not any(map(well_formed, signatures)):
        raise Rejected("signature_malformed")
    message = f"{webhook_id}.{timestamp}.".encode() + body
    expected = [b"v1," + base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()) for key in keys]
    matches = [
        position for position, given in enumerate(signatures)
        if well_formed(given) and any([hmac.compare_digest(given.encode(), own) for own in expected])
    ]
    if not matches:
        raise Rejected("signature_mismatch")
    if headers.get("x-topcalls-signature"):
        # By the sender's newest secret alone. Where ours matched a later signature, we do not hold that one yet.
        check_body_signature(headers["x-topcalls-signature"], body, secrets, may_differ=matches[0] > 0)

    age = int(time.time() if now is None else now) - int(timestamp)
    if abs(age) > tolerance:
        raise Rejected("timestamp_too_old" if age > 0 else "timestamp_too_new")
    return "standard"


def check_body_signature(given, body, secrets, may_differ=False):
    if not re.fullmatch(r"[0-9a-f]{64}", given):
        raise Rejected("signature_malformed")
    own = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets]
    if not any([hmac.compare_digest(given, each) for each in own]) and not may_differ:
        raise Rejected("signature_mismatch")


def required(headers, name):
    if not headers.get(name):
        raise Rejected("missing_header")
    return headers[name]


def well_formed(signature):
    return re.fullmatch(r"v1,[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=", signature) is not None


def standard_key(secret):
    """The 24 to 64 bytes of whsec_<base64>; None for any other form. Decoders are lenient, so it is encoded again."""
    try:
        key = base64.b64decode(secret[6:])
    except ValueError:
        return None
    strict = secret == "whsec_" + base64.b64encode(key).decode()
    return key if strict and 24 <= len(key) <= 64 else None


def main():
    import json
    import pathlib
    import sys

    vectors = json.loads((pathlib.Path(__file__).parent / "../signatures.json").read_text(encoding="utf-8"))
    wrong = 0
    for vector in vectors:
        options = (vector["now"], vector["toleranceSeconds"], vector["allowBodyOnlySignature"])
        try:
            scheme = verify_webhook(base64.b64decode(vector["bodyBase64"]), vector["headers"], vector["secrets"], *options)
            said = f"accept {scheme}"
        except Rejected as rejected:
            said = f"reject {rejected}"
        expected = vector["expected"]
        wanted = f"{expected['verdict']} {expected.get('scheme') or expected.get('code')}"
        if said != wanted:
            wrong += 1
            print(f"{vector['name']}: {said}, expected {wanted}", file=sys.stderr)
    print(f"Python: {len(vectors)} vectors: {len(vectors) - wrong} as expected")
    sys.exit(1 if wrong or not vectors else 0)


if __name__ == "__main__":
    main()
