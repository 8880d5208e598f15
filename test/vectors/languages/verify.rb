# frozen_string_literal: true

# A receiver's signature check in Ruby 3.0+, standard library only. Copy the module; at the end is the run over
# ../signatures.json: `ruby verify.rb`.
require 'json'
require 'openssl'

module TopCallsWebhook
  # Answer 401 and do not look at the body. The message is a stable code, such as signature_mismatch.
  class Rejected < StandardError; end

  STANDARD_FORM = %r{\Av1,[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=\z}
  BODY_FORM = /\A[0-9a-f]{64}\z/

  module_function

  # Gives 'standard' or 'body-only', or raises Rejected. body: the bytes as they came (request.body.read). headers: a hash.
  # secrets: during a rotation the old and the new. allow_body_only: for secrets without whsec_; such requests carry no
  # signed time, so anybody can replay them.
  def verify(body, headers, secrets, now: Time.now.to_i, tolerance: 300, allow_body_only: false)
    headers = headers.to_h { |name, value| [name.downcase, value.to_s.b] }
    secrets = secrets.reject { |secret| secret.nil? || secret.empty? }
    raise Rejected, 'missing_secret' if secrets.empty?

    if allow_body_only && headers.fetch('webhook-signature', '').empty?
      check_body_signature(required(headers, 'x-topcalls-signature'), body, secrets)
      return 'body-only'
    end

    signatures = required(headers, 'webhook-signature').split(/ /, -1) # ' ' would split at tabs and line ends, too
    id = required(headers, 'webhook-id')
    timestamp = required(headers, 'webhook-timestamp')
    raise Rejected, 'timestamp_invalid' unless timestamp.match?(/\A[1-9][0-9]{0,14}\z/)

    keys = secrets.filter_map { |secret| standard_key(secret) }
    raise Rejected, 'bad_secret' if keys.empty?

    position = matching_signature(signatures, "#{id}.#{timestamp}.".b + body.b, keys)
    body_signature = headers.fetch('x-topcalls-signature', '')
    # By the sender's newest secret alone. Where ours matched a later signature, we do not hold that one yet.
    check_body_signature(body_signature, body, secrets, may_differ: position.positive?) unless body_signature.empty?

    age = now - timestamp.to_i
    raise Rejected, (age.positive? ? 'timestamp_too_old' : 'timestamp_too_new') if age.abs > tolerance

    'standard'
  end

  def matching_signature(signatures, message, keys)
    raise Rejected, 'signature_malformed' if signatures.none? { |signature| signature.match?(STANDARD_FORM) }

    own = keys.map { |key| "v1,#{[OpenSSL::HMAC.digest('SHA256', key, message)].pack('m0')}" }
    signatures.index { |given| given.match?(STANDARD_FORM) && own.any? { |each| OpenSSL.secure_compare(each, given) } } ||
      raise(Rejected, 'signature_mismatch')
  end

  def check_body_signature(given, body, secrets, may_differ: false)
    raise Rejected, 'signature_malformed' unless given.match?(BODY_FORM)
    return if secrets.any? { |secret| OpenSSL.secure_compare(OpenSSL::HMAC.hexdigest('SHA256', secret, body), given) }

    raise Rejected, 'signature_mismatch' unless may_differ
  end

  def required(headers, name)
    value = headers.fetch(name, '')
    raise Rejected, 'missing_header' if value.empty?

    value
  end

  # The 24 to 64 bytes of whsec_<base64>; nil for any other form. Decoders are lenient, so it is encoded again.
  def standard_key(secret)
    key = secret.delete_prefix('whsec_').unpack1('m')
    strict = "whsec_#{[key].pack('m0')}" == secret
    strict && key.bytesize.between?(24, 64) ? key : nil
  end
end

if $PROGRAM_NAME == __FILE__
  vectors = JSON.parse(File.read("#{__dir__}/../signatures.json", encoding: 'UTF-8'))
  wrong = vectors.count do |vector|
    body, headers, secrets, expected = vector.values_at('bodyBase64', 'headers', 'secrets', 'expected')
    options = { now: vector['now'], tolerance: vector['toleranceSeconds'], allow_body_only: vector['allowBodyOnlySignature'] }
    said =
      begin
        "accept #{TopCallsWebhook.verify(body.unpack1('m0'), headers, secrets, **options)}"
      rescue TopCallsWebhook::Rejected => e
        "reject #{e.message}"
      end
    wanted = "#{expected['verdict']} #{expected['scheme'] || expected['code']}"
    warn "#{vector['name']}: #{said}, expected #{wanted}" if said != wanted
    said != wanted
  end
  puts "Ruby: #{vectors.size} vectors: #{vectors.size - wrong} as expected"
  exit(wrong.zero? && !vectors.empty? ? 0 : 1)
end
