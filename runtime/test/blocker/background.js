browser.webRequest.onBeforeRequest.addListener(({ url }) => ({ cancel: url.includes('/blocked-') }), { urls: ['<all_urls>'] }, ['blocking']);
