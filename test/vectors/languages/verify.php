<?php
// A receiver's signature check in PHP 8.0+, no extension needed. Copy the functions and the class; at the end is the run over
// ../signatures.json: `php verify.php`.
declare(strict_types=1);

/** Answer 401 and do not look at the body. The message is a stable code, such as signature_mismatch. */
final class RejectedWebhook extends Exception
{
}

/**
 * Gives 'standard' or 'body-only', or throws RejectedWebhook.
 *
 * @param string $body the bytes as they came: file_get_contents('php://input')
 * @param array<string, string> $headers such as getallheaders()
 * @param list<string|false> $secrets during a rotation the old and the new; false, as of getenv(), is none
 * @param bool $allowBodyOnly for secrets without whsec_; such requests carry no signed time, so anybody can replay them
 */
function verify_webhook(string $body, array $headers, array $secrets, ?int $now = null, int $tolerance = 300, bool $allowBodyOnly = false): string
{
    $headers = array_change_key_case($headers, CASE_LOWER);
    $secrets = array_values(array_filter($secrets, fn ($secret) => is_string($secret) && $secret !== ''));
    if ($secrets === []) {
        throw new RejectedWebhook('missing_secret');
    }
    if ($allowBodyOnly && ($headers['webhook-signature'] ?? '') === '') {
        check_body_signature(required_header($headers, 'x-topcalls-signature'), $body, $secrets);
        return 'body-only';
    }

    $signatures = explode(' ', required_header($headers, 'webhook-signature'));
    $id = required_header($headers, 'webhook-id');
    $timestamp = required_header($headers, 'webhook-timestamp');
    if (!preg_match('/^[1-9][0-9]{0,14}$/D', $timestamp)) {
        throw new RejectedWebhook('timestamp_invalid');
    }
    $keys = array_values(array_filter(array_map('standard_key', $secrets)));
    if ($keys === []) {
        throw new RejectedWebhook('bad_secret');
    }

    $position = matching_signature($signatures, "$id.$timestamp.$body", $keys);
    if (($headers['x-topcalls-signature'] ?? '') !== '') {
        // By the sender's newest secret alone. Where ours matched a later signature, we do not hold that one yet.
        check_body_signature($headers['x-topcalls-signature'], $body, $secrets, $position > 0);
    }

    $age = ($now ?? time()) - (int) $timestamp;
    if (abs($age) > $tolerance) {
        throw new RejectedWebhook($age > 0 ? 'timestamp_too_old' : 'timestamp_too_new');
    }
    return 'standard';
}

/** @param list<string> $signatures @param list<string> $keys */
function matching_signature(array $signatures, string $message, array $keys): int
{
    $code = 'signature_malformed';
    foreach ($signatures as $position => $signature) {
        if (!preg_match('~^v1,[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$~D', $signature)) {
            continue;
        }
        $code = 'signature_mismatch';
        foreach ($keys as $key) {
            if (hash_equals('v1,' . base64_encode(hash_hmac('sha256', $message, $key, true)), $signature)) {
                return $position;
            }
        }
    }
    throw new RejectedWebhook($code);
}

/** @param list<string> $secrets */
function check_body_signature(string $given, string $body, array $secrets, bool $mayDiffer = false): void
{
    if (!preg_match('/^[0-9a-f]{64}$/D', $given)) {
        throw new RejectedWebhook('signature_malformed');
    }
    foreach ($secrets as $secret) {
        if (hash_equals(hash_hmac('sha256', $body, $secret), $given)) {
            return;
        }
    }
    if (!$mayDiffer) {
        throw new RejectedWebhook('signature_mismatch');
    }
}

/** @param array<string, string> $headers */
function required_header(array $headers, string $name): string
{
    return ($headers[$name] ?? '') !== '' ? $headers[$name] : throw new RejectedWebhook('missing_header');
}

/** The 24 to 64 bytes of whsec_<base64>; null for any other form. Decoders are lenient, so it is encoded again. */
function standard_key(string $secret): ?string
{
    $key = (string) base64_decode(substr($secret, 6), true);
    $strict = 'whsec_' . base64_encode($key) === $secret;
    return $strict && strlen($key) >= 24 && strlen($key) <= 64 ? $key : null;
}

$vectors = json_decode(file_get_contents(__DIR__ . '/../signatures.json'), true, 512, JSON_THROW_ON_ERROR);
$wrong = 0;
foreach ($vectors as $vector) {
    $options = [$vector['now'], $vector['toleranceSeconds'], $vector['allowBodyOnlySignature']];
    try {
        $said = 'accept ' . verify_webhook(base64_decode($vector['bodyBase64'], true), $vector['headers'], $vector['secrets'], ...$options);
    } catch (RejectedWebhook $rejected) {
        $said = 'reject ' . $rejected->getMessage();
    }
    $expected = $vector['expected'];
    $wanted = $expected['verdict'] . ' ' . ($expected['scheme'] ?? $expected['code']);
    if ($said !== $wanted) {
        $wrong++;
        fwrite(STDERR, "{$vector['name']}: $said, expected $wanted\n");
    }
}
printf("PHP: %d vectors: %d as expected\n", count($vectors), count($vectors) - $wrong);
exit($wrong > 0 || $vectors === [] ? 1 : 0);
