"""What every screen must keep, asked of the page as the browser built it. WCAG 2.2: the criteria
stand beside each question."""

from playwright.sync_api import Page

# Each returns what breaks it, in words.
QUESTIONS = {
    "3.1.1 the page says its language": "() => document.documentElement.lang ? [] : ['no lang']",
    "2.4.2 the page has a title": "() => document.title.trim().length > 10 ? [] : [document.title]",
    "1.3.1 one heading of the first rank": """() => {
        const found = document.querySelectorAll('h1').length;
        return found === 1 ? [] : [`${found} h1`];
    }""",
    "1.3.1 headings skip no rank": """() => {
        const ranks = [...document.querySelectorAll('h1, h2, h3, h4')]
            .map(head => Number(head.tagName[1]));
        return ranks.filter((rank, index) => index && rank > ranks[index - 1] + 1)
            .map(rank => `h${rank}`);
    }""",
    "1.3.1 each table has a caption, and each of its heads a scope": """() =>
        [...document.querySelectorAll('table')].flatMap(table => [
            ...(table.caption && table.caption.textContent.trim() ? [] : ['no caption']),
            ...[...table.querySelectorAll('th:not([scope])')].map(head => head.textContent.trim()),
        ])""",
    "1.1.1 each image has a text or says that it needs none": """() =>
        [...document.querySelectorAll('img:not([alt]), svg:not([aria-hidden]):not([role=img])')]
            .map(image => image.outerHTML)""",
    "4.1.2 each field has a label": """() =>
        [...document.querySelectorAll('input:not([type=hidden]), select')]
            .filter(field => !field.labels.length)
            .map(field => field.name)""",
    "4.1.2 each link and button has a name": """() =>
        [...document.querySelectorAll('a, button')]
            .filter(each => !each.textContent.trim() && !each.ariaLabel)
            .map(each => each.outerHTML)""",
    "4.1.1 ids are there once, and what refers to one finds it": """() => {
        const ids = [...document.querySelectorAll('[id]')].map(each => each.id);
        const used = [...document.querySelectorAll('use')]
            .map(use => use.getAttribute('href').slice(1));
        return [
            ...ids.filter((id, index) => ids.indexOf(id) !== index),
            ...used.filter(id => !ids.includes(id)),
        ];
    }""",
    "1.4.10 nothing is wider than the screen": """() => {
        const page = document.documentElement;
        const overflows = page.scrollWidth > page.clientWidth;
        return overflows ? [`${page.scrollWidth} of ${page.clientWidth}`] : [];
    }""",
    "2.5.8 what is pressed is 24 pixels high, but for links within a sentence": """() =>
        [...document.querySelectorAll(
            'button, select, input:not([type=hidden]), nav a, td > a, th > a, .button, summary'
        )]
            .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 24)
            .map(each => `${each.textContent.trim()} ${each.getBoundingClientRect().height}`)""",
    "1.4.1 each verdict is an icon and a word": """() =>
        [...document.querySelectorAll('.verdict')]
            .filter(each => !each.querySelector('svg use') || !each.textContent.trim())
            .map(each => each.outerHTML)""",
}


def faults(page: Page) -> dict[str, list[str]]:
    """What the page breaks, by criterion; empty where it breaks nothing."""
    found = {name: page.evaluate(question) for name, question in QUESTIONS.items()}
    return {name: broken for name, broken in found.items() if broken}
