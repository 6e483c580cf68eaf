'use strict';
/* screenshot.js PAGE-HARNESS OUT.png: the picture in the README, the incident's worst minute. */
const {serve, browser} = require('./harness.js');

(async () => {
	const [program, out] = process.argv.slice(2), s = await serve(program, 'incident'), b = await browser();
	const page = await b.newPage({viewport: {width: 1280, height: 1080}, colorScheme: 'light', reducedMotion: 'reduce'});
	await page.goto(s.url);
	await page.waitForSelector('html[data-conn=live]');
	await page.screenshot({path: out});
	await b.close();
	await s.stop();
})().catch(e => { console.error(e); process.exit(1); });
