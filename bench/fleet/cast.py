"""Who and what appears: regions, makes of card, tenants, people. All names are invented and state
nothing about real products."""

from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True)
class Region:
    key: str
    country: str
    provider: str
    prefix: str  # of its node names
    share: float  # of the domestic nodes


@dataclass(frozen=True, slots=True)
class Make:
    """A make of card; None where nobody said."""

    vendor: str | None = None
    model: str | None = None
    pci_id: str | None = None
    design: str | None = None
    fabrication: str | None = None
    packaging: str | None = None
    firmware: str | None = None

    def stages(self) -> tuple[str | None, ...]:
        return (self.design, self.fabrication, self.packaging, self.firmware)


@dataclass(frozen=True, slots=True)
class Tenant:
    key: str
    name: str
    sector: str | None
    workloads: tuple[str, ...]


DOMESTIC: Final = (
    Region("cn-hz-1", "CN", "Qianjiang Cloud", "hz", 0.32),
    Region("cn-bj-1", "CN", "Qianjiang Cloud", "bj", 0.27),
    Region("cn-sz-1", "CN", "Nanling Compute", "sz", 0.23),
    Region("cn-gy-1", "CN", "Nanling Compute", "gy", 0.18),
)
ABROAD: Final = Region("sg-1", "SG", "Straits Hosting", "sg", 0.0)
COUNTRY: Final = {region.key: region.country for region in (*DOMESTIC, ABROAD)}

LINGTAI: Final = Make("Lingtai", "LT-910", "1f9a:0910", "CN", "CN", "CN", "CN")
HANXING: Final = Make("Hanxing", "HX-590", "1f9b:0590", "CN", "CN", "CN", "CN")
PACIFIC: Final = Make("Pacific Compute", "PX-100", "1f9c:0100", "US", "KR", "MY", "US")
UNKNOWN: Final = Make()

ALLOWED: Final = ("CN",)
JUDGED_SECTORS: Final = ("ministry", "hospital", "manufacturer", "university", "utility")

_JUDGED: Final = (
    ("min-water", "水务部 Ministry of Water Affairs", "ministry"),
    ("qinghe-hospital", "青河市第一医院 Qinghe First Hospital", "hospital"),
    ("yunfeng-motors", "云峰汽车 Yunfeng Motors", "manufacturer"),
    ("lanting-university", "兰亭大学 Lanting University", "university"),
    ("min-harbours", "港务部 Ministry of Harbours", "ministry"),
    ("st-mary", "St Mary Hospital 圣玛丽医院", "hospital"),
    ("tiehe-steel", "铁河钢铁 Tiehe Steel", "manufacturer"),
    ("beiling-grid", "北岭电网 Beiling Grid", "utility"),
    ("min-archives", "档案部 Ministry of Archives", "ministry"),
    ("songshan-hospital", "松山儿童医院 Songshan Children's Hospital", "hospital"),
    ("haitang-optics", "海棠光学 Haitang Optics", "manufacturer"),
    ("wutong-institute", "梧桐研究院 Wutong Institute", "university"),
    ("min-weather", "气象部 Ministry of Weather", "ministry"),
    ("nanhu-clinic", "南湖诊疗中心 Nanhu Clinic", "hospital"),
    ("jinsha-batteries", "金沙电池 Jinsha Batteries", "manufacturer"),
    ("dongli-rail", "东篱轨道 Dongli Rail", None),  # nobody stated its sector: the policy applies
    ("min-forests", "林草部 Ministry of Forests", "ministry"),
    ("baiyun-cancer", "白云肿瘤医院 Baiyun Cancer Hospital", "hospital"),
    ("hongqiao-ships", "虹桥船舶 Hongqiao Shipyards", "manufacturer"),
    ("xilu-university", "西麓大学 Xilu University", "university"),
    ("min-labour", "劳动部 Ministry of Labour", "ministry"),
    ("changle-eye", "长乐眼科医院 Changle Eye Hospital", "hospital"),
    ("mingyue-textiles", "明月纺织 Mingyue Textiles", "manufacturer"),
    ("linhai-water", "临海供水 Linhai Waterworks", "utility"),
    ("min-statistics", "统计部 Ministry of Statistics", "ministry"),
    ("anping-heart", "安平心脏中心 Anping Heart Centre", "hospital"),
    ("kunshi-robots", "昆石机器人 Kunshi Robots", "manufacturer"),
    ("guanlan-university", "观澜大学 Guanlan University", "university"),
    ("min-heritage", "文物部 Ministry of Heritage", "ministry"),
    ("fenghuang-maternity", "凤凰妇产医院 Fenghuang Maternity", "hospital"),
    ("luming-pharma", "鹿鸣制药 Luming Pharma", "manufacturer"),
    ("yuchi-polytechnic", "玉池理工 Yuchi Polytechnic", "university"),
    ("min-roads", "公路部 Ministry of Roads", "ministry"),
    ("taiping-rehab", "太平康复医院 Taiping Rehabilitation", "hospital"),
    ("chenxi-chemicals", "晨曦化工 Chenxi Chemicals", "manufacturer"),
    ("gulou-gas", "鼓楼燃气 Gulou Gas", "utility"),
)
_OTHERS: Final = (
    ("paper-lantern", "Paper Lantern Games 纸灯笼游戏", "game-studio"),
    ("duoduo-market", "多多集市 Duoduo Market", "e-commerce"),
    ("red-panda-films", "Red Panda Films 红熊猫影业", "media"),
    ("harbour-ads", "Harbour Advertising", "media"),
)
_WORKLOADS: Final[dict[str | None, tuple[str, ...]]] = {
    "ministry": ("petition-triage-7b", "minutes-13b", "document-search", "forecast-nightly"),
    "hospital": ("triage-7b", "ct-segmentation", "discharge-letters-13b"),
    "manufacturer": ("defect-vision", "digital-twin", "supply-forecast", "maintenance-13b"),
    "university": ("foundation-70b", "protein-folding", "course-assistant"),
    "utility": ("load-forecast", "leak-detection"),
}
_OTHER_WORKLOADS: Final = ("npc-dialogue-7b", "ranking", "render-denoise")

DATA_CLASS: Final[dict[str | None, str]] = {"ministry": "citizen", "hospital": "health"}

PEOPLE: Final = tuple(f"adm-{number:03d}" for number in range(1, 25))
ACTIONS: Final = ("ssh", "kubectl exec", "console", "log read", "firmware update", "driver reload")


def tenants(count: int) -> list[Tenant]:
    """`count` tenants: those to whom the policy applies first, then the others, a tenth and at
    least one."""
    others = max(1, count // 10)
    rows = [*_repeated(_JUDGED, count - others), *_repeated(_OTHERS, others)]
    return [
        Tenant(key, name, sector, _WORKLOADS.get(sector, _OTHER_WORKLOADS))
        for key, name, sector in rows
    ]


def judged(tenant: Tenant) -> bool:
    """Whether the demo's policy applies: also to a tenant whose sector nobody stated."""
    return tenant.sector is None or tenant.sector in JUDGED_SECTORS


def weights(count: int, random: Random) -> list[float]:
    """How much each tenant asks for: few ask for much."""
    ranks = list(range(1, count + 1))
    random.shuffle(ranks)
    return [rank**-0.8 for rank in ranks]


def _repeated(
    rows: tuple[tuple[str, str, str | None], ...], count: int
) -> list[tuple[str, str, str | None]]:
    """The rows, and again with a number behind key and name until there are `count`."""
    rounds = (
        (key if turn == 1 else f"{key}-{turn}", name if turn == 1 else f"{name} {turn}", sector)
        for turn in range(1, count // len(rows) + 2)
        for key, name, sector in rows
    )
    return list(islice(rounds, count))
