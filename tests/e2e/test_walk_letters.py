"""A county's letter: seen on the round's page, signed on a phone, refused to others."""

from tests.e2e.browser import NewPage, go, shot, sign_in


def test_the_rest_of_a_half_signed_letter(new_page: NewPage) -> None:
    desk = new_page()
    sign_in(desk, "office-3715")
    go(desk, "/letters/round/")
    shot(desk, "letters-round")
    go(desk, "/letters/?status=issued")
    shot(desk, "letters-list")
    desk.locator("main tbody a").first.click()
    path = desk.url.split("/", 3)[3]
    shot(desk, "letter-office")
    body = desk.inner_text("main h1")
    assert "待签" in desk.inner_text("main")

    phone = new_page(phone=True)
    sign_in(phone, "head-371526")
    assert "看后签署" in phone.inner_text("main"), body
    go(phone, f"/{path}")
    shot(phone, "letter-sign-phone")
    phone.fill("input[name=password]", "wrong")
    phone.click("button[value=sign]")
    assert "密码不对" in phone.inner_text("main")
    phone.fill("input[name=password]", phone.__dict__["_site"].password)
    phone.click("button[value=sign]")
    assert "等您签署" not in phone.inner_text("main")
    shot(phone, "letter-signed-phone")

    for who in ("secretary-3715", "head-3715"):
        page = new_page()
        sign_in(page, who)
        go(page, f"/{path}")
        page.fill("input[name=password]", page.__dict__["_site"].password)
        page.click("button[value=sign]")
    go(desk, f"/{path}")
    assert "已签" in desk.inner_text("main .page-head")
    go(desk, f"/{path}settlement/")
    shot(desk, "letter-settlement")
    go(desk, f"/{path}print/")
    shot(desk, "letter-print")

    stranger = new_page()
    sign_in(stranger, "head-371525")
    go(stranger, f"/{path}", status=404)
