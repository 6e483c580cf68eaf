'use strict';
/* shots.js HARNESS DIR [FIXTURE...]: the page at three widths in both themes, to be looked at. */
const {serve, browser} = require('./harness.js');

async function main() {
	const [program, dir, ...names] = process.argv.slice(2), b = await browser();
	for (const fixture of names.length ? names : ['incident', 'healthy', 'local', 'big']) {
		const s = await serve(program, fixture);
		for (const [width, height] of [[360, 740], [1280, 900], [1920, 1080]])
			for (const colorScheme of ['light', 'dark']) {
				const page = await b.newPage({viewport: {width, height}, colorScheme, reducedMotion: 'reduce'});
				await page.goto(s.url);
				await page.waitForSelector('html[data-conn=live]');
				await page.screenshot({path: `${dir}/${fixture}-${width}-${colorScheme}.png`, fullPage: true});
				await page.close();
			}
		await s.stop();
	}
	await b.close();
}
main().catch(e => { console.error(e); process.exit(1); });
