# Judges: the bytes of a Zammad body (our "Zammad-style" JSON writer).
# Library: ActiveSupport (Debian package ruby-activesupport), the encoder that
# Zammad itself uses: it sends `params.to_json` with Rails' default settings.
#
# in:  ["{\"a\":\"<b>\"}", ...]                 a list of JSON texts
# out: [{"ok":true,"body":"<base64>"}, ...]     the exact bytes of the encoded value
#      {"ok":false,"error":"..."}               Ruby's parser or the encoder refused the text

require "base64"
require "active_support"
require "active_support/json"

# The Rails defaults, written out so that no environment can change them.
ActiveSupport.escape_html_entities_in_json = true
ActiveSupport.use_standard_json_time_format = true
ActiveSupport.time_precision = 3

def judge(text)
  { ok: true, body: Base64.strict_encode64(JSON.parse(text).to_json) }
rescue JSON::JSONError, EncodingError, ArgumentError => e
  { ok: false, error: "#{e.class}: #{e.message}" }
end

texts = JSON.parse($stdin.binmode.read.force_encoding("UTF-8"))
puts JSON.generate(texts.map { |text| judge(text) })
