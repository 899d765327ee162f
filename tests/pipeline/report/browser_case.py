"""What a reader does with the page, and how it is shown."""


def size(driver, width, height):
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )


def media(driver, scheme):
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def by(browser, css):
    return browser.find_element("css selector", css)


def press(browser, *keys):
    browser.switch_to.active_element.send_keys(*keys)
