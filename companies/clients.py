"""With what kind of program somebody comes: coarse, so that it can be kept and tells no two people apart."""

_BROWSERS = (
    ("MicroMessenger", "WeChat 微信"),
    ("DingTalk", "DingTalk 钉钉"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("HuaweiBrowser", "Huawei"),
    ("UCBrowser", "UC"),
    ("QQBrowser", "QQ"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def client_of(user_agent: str) -> str:
    """Browser and system, such as "Firefox, Windows"; "" for what is no browser or unknown. No version, nothing typed."""
    if not user_agent.startswith("Mozilla/"):
        return ""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)
