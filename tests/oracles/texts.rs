//! Texts that people, or attackers, write into tickets.

/// Each breaks something somewhere.
pub(crate) fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "Printer on fire",
        "_*[]()~`>#+-=|{}.!\\",
        "*bold* _italic_ __underline__ ~strike~ ||spoiler|| `code` ```pre```",
        "[link](https://example.com/a_(b)?c=d&e=f)",
        "<b>bold</b> <a href=\"javascript:alert(1)\">x</a> &lt;&amp;&#39;&nbsp; <!-- c --> <script>",
        "a < b && c > d \"quoted\" 'single'",
        "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 e\u{301} ﷽ 𝕳𝖊𝖑𝖑𝖔",
        "مرحبا بالعالم \u{202e}evil\u{202c} שלום",
        "line one\nline two\r\nline three\ttab",
        "\u{2028}\u{2029}\u{85}\u{7f}\u{200b}\u{feff}",
        "{secret:bot-token} {{ticket}} #{ticket.title} ${jndi:ldap://x} %s %n",
        "Tête-à-tête: naïve façade — „Grüße“ … №5 Їжак",
        "\\\\server\\share \\n \\u0041 C:\\new",
        "))))]]]]}}}}>>>>",
        "&lt;b&gt;not bold&lt;/b&gt;",
        "tg://user?id=1 @everyone #hashtag /command http://example.com?a=1&b=2",
        "'; DROP TABLE tickets; --",
        "<tg-spoiler>x</tg-spoiler> <blockquote>y</blockquote> <code class=\"language-c\">z</code>",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("0123456789".repeat(1_000));
    texts.push("*_<&😀".repeat(2_000));
    texts
}
