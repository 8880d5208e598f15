// A receiver's signature check in Java 11+, standard library only. Copy everything but main, which runs it over
// ../signatures.tsv (Java has no JSON of its own): `java Verify.java`, in this folder.
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Verify {
  /** Answer 401 and do not look at the body. The message is a stable code, such as signature_mismatch. */
  static class Rejected extends Exception {
    Rejected(String code) {
      super(code);
    }
  }

  /**
   * Gives "standard" or "body-only". body: the bytes as they came, before any parser. headers: one value each. secrets:
   * during a rotation the old and the new. now: System.currentTimeMillis() / 1000. tolerance: 300 seconds. allowBodyOnly: for
   * secrets without whsec_; such requests carry no signed time, so anybody can replay them.
   */
  static String verifyWebhook(
      byte[] body, Map<String, String> headers, List<String> secrets, long now, long tolerance, boolean allowBodyOnly)
      throws Rejected {
    var header = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach((name, value) -> header.put(name, value == null ? "" : value));
    var bodyKeys = new ArrayList<byte[]>();
    var standardKeys = new ArrayList<byte[]>();
    for (var secret : secrets) {
      if (secret == null || secret.isEmpty()) continue;
      bodyKeys.add(secret.getBytes(UTF_8));
      var key = standardKey(secret);
      if (key != null) standardKeys.add(key);
    }
    if (bodyKeys.isEmpty()) throw new Rejected("missing_secret");
    var bodySignature = header.getOrDefault("X-TopCalls-Signature", "");
    if (allowBodyOnly && header.getOrDefault("webhook-signature", "").isEmpty()) {
      checkBodySignature(required(header, "X-TopCalls-Signature"), body, bodyKeys, false);
      return "body-only";
    }

    var signatures = required(header, "webhook-signature").split(" ", -1);
    var id = required(header, "webhook-id");
    var timestamp = required(header, "webhook-timestamp");
    if (!timestamp.matches("[1-9][0-9]{0,14}")) throw new Rejected("timestamp_invalid");
    if (standardKeys.isEmpty()) throw new Rejected("bad_secret");

    var position = matchingSignature(signatures, (id + "." + timestamp + ".").getBytes(UTF_8), body, standardKeys);
    // By the sender's newest secret alone. Where ours matched a later signature, we do not hold that one yet.
    if (!bodySignature.isEmpty()) checkBodySignature(bodySignature, body, bodyKeys, position > 0);

    var age = now - Long.parseLong(timestamp);
    if (age > tolerance) throw new Rejected("timestamp_too_old");
    if (-age > tolerance) throw new Rejected("timestamp_too_new");
    return "standard";
  }

  static int matchingSignature(String[] signatures, byte[] prefix, byte[] body, List<byte[]> keys) throws Rejected {
    var malformed = true;
    for (var position = 0; position < signatures.length; position++) {
      if (!signatures[position].matches("v1,[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")) continue;
      malformed = false;
      for (var key : keys) {
        var own = "v1," + Base64.getEncoder().encodeToString(mac(key, prefix, body));
        // MessageDigest.isEqual takes the same time wherever the texts differ; String.equals does not.
        if (MessageDigest.isEqual(own.getBytes(UTF_8), signatures[position].getBytes(UTF_8))) return position;
      }
    }
    throw new Rejected(malformed ? "signature_malformed" : "signature_mismatch");
  }

  static void checkBodySignature(String given, byte[] body, List<byte[]> keys, boolean mayDiffer) throws Rejected {
    if (!given.matches("[0-9a-f]{64}")) throw new Rejected("signature_malformed");
    for (var key : keys) {
      var own = new StringBuilder();
      for (var octet : mac(key, new byte[0], body)) own.append(String.format("%02x", octet));
      if (MessageDigest.isEqual(own.toString().getBytes(UTF_8), given.getBytes(UTF_8))) return;
    }
    if (!mayDiffer) throw new Rejected("signature_mismatch");
  }

  static String required(Map<String, String> header, String name) throws Rejected {
    var value = header.getOrDefault(name, "");
    if (value.isEmpty()) throw new Rejected("missing_header");
    return value;
  }

  static byte[] mac(byte[] key, byte[] prefix, byte[] body) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(prefix);
      return mac.doFinal(body);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible); // every Java has HmacSHA256
    }
  }

  /** The 24 to 64 bytes of whsec_<base64>; null for any other form. Decoders are lenient, so it is encoded again. */
  static byte[] standardKey(String secret) {
    if (!secret.startsWith("whsec_")) return null;
    try {
      var encoded = secret.substring(6);
      var key = Base64.getDecoder().decode(encoded);
      var strict = Base64.getEncoder().encodeToString(key).equals(encoded);
      return strict && key.length >= 24 && key.length <= 64 ? key : null;
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
  }

  public static void main(String[] args) throws Exception {
    var lines = Files.readAllLines(Path.of("../signatures.tsv"), UTF_8);
    var columns = List.of(lines.get(0).split("\t"));
    var wrong = 0;
    for (var line : lines.subList(1, lines.size())) {
      var cells = line.split("\t", -1);
      var vector = columns.stream().collect(Collectors.toMap(column -> column, column -> cells[columns.indexOf(column)]));
      var secrets = new ArrayList<String>();
      for (var secret : vector.get("secrets").split(",")) secrets.add(new String(Base64.getDecoder().decode(secret), UTF_8));
      var body = Base64.getDecoder().decode(vector.get("body"));
      var now = Long.parseLong(vector.get("now"));
      var tolerance = Long.parseLong(vector.get("tolerance"));
      String said;
      try {
        // The other columns are no headers and are passed over.
        said = "accept " + verifyWebhook(body, vector, secrets, now, tolerance, vector.get("body-only").equals("yes"));
      } catch (Rejected rejected) {
        said = "reject " + rejected.getMessage();
      }
      if (said.equals(vector.get("expected"))) continue;
      wrong++;
      System.err.println(vector.get("name") + ": " + said + ", expected " + vector.get("expected"));
    }
    var all = lines.size() - 1;
    System.out.println("Java: " + all + " vectors: " + (all - wrong) + " as expected");
    System.exit(wrong > 0 || all == 0 ? 1 : 0);
  }
}
