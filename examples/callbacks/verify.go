// Package callbacks checks the signature of a callback (Standard Webhooks 1.0).
package callbacks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const tolerance = 300 // seconds

// IsGenuine takes the body exactly as it came, before any parsing.
func IsGenuine(secret string, header http.Header, body []byte, now time.Time) bool {
	stamp := header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || math.Abs(float64(now.Unix()-seconds)) > tolerance {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(header.Get("webhook-id") + "." + stamp + "."))
	mac.Write(body)
	expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, given := range strings.Fields(header.Get("webhook-signature")) { // two during a rotation
		if hmac.Equal([]byte(given), []byte(expected)) {
			return true
		}
	}
	return false
}
