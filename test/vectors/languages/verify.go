// A receiver's signature check in Go 1.19+, standard library only. Copy everything but main, which runs it over
// ../signatures.json: `go run verify.go`, in this folder.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// VerifyOptions: Now is usually time.Now(). AllowBodyOnly is for secrets without whsec_; such requests carry no signed
// time, so anybody can replay them.
type VerifyOptions struct {
	Now           time.Time
	Tolerance     time.Duration
	AllowBodyOnly bool
}

var (
	standardForm  = regexp.MustCompile(`^v1,[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$`)
	bodyForm      = regexp.MustCompile(`^[0-9a-f]{64}$`)
	timestampForm = regexp.MustCompile(`^[1-9][0-9]{0,14}$`)
)

// VerifyWebhook gives "standard" or "body-only". On an error answer 401 and do not look at the body; its text is a stable
// code. body: the bytes as they came. header: request.Header.Get. secrets: during a rotation the old and the new.
func VerifyWebhook(body []byte, header func(name string) string, secrets []string, options VerifyOptions) (string, error) {
	var bodyKeys, standardKeys [][]byte
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		bodyKeys = append(bodyKeys, []byte(secret))
		if key := standardKey(secret); key != nil {
			standardKeys = append(standardKeys, key)
		}
	}
	if len(bodyKeys) == 0 {
		return "", errors.New("missing_secret")
	}
	given, bodySignature := header("webhook-signature"), header("X-TopCalls-Signature")
	if given == "" && options.AllowBodyOnly {
		if bodySignature == "" {
			return "", errors.New("missing_header")
		}
		if err := checkBodySignature(bodySignature, body, bodyKeys, false); err != nil {
			return "", err
		}
		return "body-only", nil
	}

	id, timestamp := header("webhook-id"), header("webhook-timestamp")
	if given == "" || id == "" || timestamp == "" {
		return "", errors.New("missing_header")
	}
	if !timestampForm.MatchString(timestamp) {
		return "", errors.New("timestamp_invalid")
	}
	if len(standardKeys) == 0 {
		return "", errors.New("bad_secret")
	}
	position, err := matchingSignature(strings.Split(given, " "), append([]byte(id+"."+timestamp+"."), body...), standardKeys)
	if err != nil {
		return "", err
	}
	if bodySignature != "" {
		// By the sender's newest secret alone. Where ours matched a later signature, we do not hold that one yet.
		if err := checkBodySignature(bodySignature, body, bodyKeys, position > 0); err != nil {
			return "", err
		}
	}

	seconds, _ := strconv.ParseInt(timestamp, 10, 64)
	age, tolerance := options.Now.Unix()-seconds, int64(options.Tolerance/time.Second)
	if age > tolerance {
		return "", errors.New("timestamp_too_old")
	}
	if -age > tolerance {
		return "", errors.New("timestamp_too_new")
	}
	return "standard", nil
}

func matchingSignature(signatures []string, message []byte, keys [][]byte) (int, error) {
	malformed := true
	for position, signature := range signatures {
		if !standardForm.MatchString(signature) {
			continue
		}
		malformed = false
		for _, key := range keys {
			own := "v1," + base64.StdEncoding.EncodeToString(mac(key, message))
			if hmac.Equal([]byte(signature), []byte(own)) {
				return position, nil
			}
		}
	}
	if malformed {
		return 0, errors.New("signature_malformed")
	}
	return 0, errors.New("signature_mismatch")
}

func checkBodySignature(given string, body []byte, keys [][]byte, mayDiffer bool) error {
	if !bodyForm.MatchString(given) {
		return errors.New("signature_malformed")
	}
	for _, key := range keys {
		if hmac.Equal([]byte(given), []byte(hex.EncodeToString(mac(key, body)))) {
			return nil
		}
	}
	if mayDiffer {
		return nil
	}
	return errors.New("signature_mismatch")
}

func mac(key, message []byte) []byte {
	hash := hmac.New(sha256.New, key)
	hash.Write(message)
	return hash.Sum(nil)
}

// The 24 to 64 bytes of whsec_<base64>; nil for any other form. Decoders are lenient, so it is encoded again.
func standardKey(secret string) []byte {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || "whsec_"+base64.StdEncoding.EncodeToString(key) != secret || len(key) < 24 || len(key) > 64 {
		return nil
	}
	return key
}

func main() {
	var vectors []struct {
		Name                   string
		Secrets                []string
		Headers                map[string]string
		BodyBase64             []byte // encoding/json decodes base64 into bytes
		Now, ToleranceSeconds  int64
		AllowBodyOnlySignature bool
		Expected               struct{ Verdict, Scheme, Code string }
	}
	text, err := os.ReadFile("../signatures.json")
	if err == nil {
		err = json.Unmarshal(text, &vectors)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	wrong := 0
	for _, vector := range vectors {
		header := func(name string) string { return vector.Headers[name] }
		options := VerifyOptions{time.Unix(vector.Now, 0), time.Duration(vector.ToleranceSeconds) * time.Second, vector.AllowBodyOnlySignature}
		scheme, err := VerifyWebhook(vector.BodyBase64, header, vector.Secrets, options)
		said := "accept " + scheme
		if err != nil {
			said = "reject " + err.Error()
		}
		if wanted := vector.Expected.Verdict + " " + vector.Expected.Scheme + vector.Expected.Code; said != wanted {
			wrong++
			fmt.Fprintf(os.Stderr, "%s: %s, expected %s\n", vector.Name, said, wanted)
		}
	}
	fmt.Printf("Go: %d vectors: %d as expected\n", len(vectors), len(vectors)-wrong)
	if wrong > 0 || len(vectors) == 0 {
		os.Exit(1)
	}
}
