'use strict';
/* The status page in a real browser: BALLAST_BUILD/web/page-harness draws it, screenshots go beside it. */
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const {test, before, after} = require('node:test');
const {serve, browser} = require('./harness.js');

const build = process.env.BALLAST_BUILD || 'build', program = path.join(build, 'web', 'page-harness');
const shots = path.join(build, 'screenshots');
let b;
before(async () => { fs.mkdirSync(shots, {recursive: true}); b = await browser(); });
after(() => b.close());

async function open(s, options = {}, query = '') {
	const page = await b.newPage({viewport: {width: 1280, height: 900}, reducedMotion: 'reduce', ...options});
	page.trouble = [];
	page.on('pageerror', e => page.trouble.push(String(e)));
	page.on('console', m => m.type() === 'error' && page.trouble.push(m.text()));
	page.on('request', r => { if (!r.url().startsWith(s.url) && !r.url().startsWith('data:')) page.trouble.push('asked ' + r.url()); });
	await page.goto(s.url + query);
	if (options.javaScriptEnabled !== false) await page.waitForSelector('html[data-conn=live]');
	return page;
}
const quiet = page => assert.deepEqual(page.trouble, []);

for (const fixture of ['incident', 'healthy', 'local', 'big', 'blind', 'simulated', 'dense', 'managed', 'two-drives', 'guest', 'hostile'])
	test('looks right: ' + fixture, async () => {
		const s = await serve(program, fixture);
		const every = fixture === 'incident' || fixture === 'healthy';
		for (const [width, height] of every ? [[360, 740], [768, 1024], [1280, 900], [1920, 1080]] : [[360, 740], [768, 1024], [1280, 900]])
			for (const colorScheme of every ? ['light', 'dark'] : [width > 1000 ? 'light' : 'dark']) {
				const page = await open(s, {viewport: {width, height}, colorScheme});
				const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
				assert.ok(wide <= 0, `${width} px: the page is ${wide} px too wide`);
				const low = await page.evaluate(() => document.querySelector('h1').getBoundingClientRect().bottom);
				assert.ok(low < height, `${width} px: the answer is seen without scrolling`);
				await page.screenshot({path: path.join(shots, `${fixture}-${width}-${colorScheme}.png`), fullPage: true});
				quiet(page);
				await page.close();
			}
		await s.stop();
	});

test('complete without a script', async () => {
	const s = await serve(program, 'asking');
	const page = await open(s, {javaScriptEnabled: false});
	const text = await page.innerText('body');
	for (const part of ['No.', 'one failure from an outage', 'What is broken', 'What Ballast is doing', 'What you must do',
		'ballastctl failover approve r147', 'What happened', 'Drives of san1', 'As of '])
		assert.ok(text.includes(part), part);
	assert.match(await page.content(), /http-equiv="refresh" content="10"/);
	await page.screenshot({path: path.join(shots, 'noscript-1280.png')});
	await page.close();
	await s.stop();
});

test('live: what changed is swapped, the rest stays', async () => {
	const s = await serve(program, 'incident');
	const page = await open(s);
	await page.evaluate(() => { for (const id of ['drives-0', 'picture-0', 'broken']) document.getElementById(id).mine = true; });
	await page.evaluate(() => { document.getElementById('fold').open = true; });
	s.say('loud');
	const end = Date.now() + 30000;        /* the page's policy forbids the evaluation that waitForFunction needs */
	while (await page.evaluate(() => document.getElementById('picture-0').mine)) {
		assert.ok(Date.now() < end, 'the picture was not swapped');
		await page.waitForTimeout(100);
	}
	assert.ok(await page.evaluate(() => document.getElementById('drives-0').mine), 'the table was not touched');
	assert.ok(await page.evaluate(() => document.getElementById('fold').open), 'what was open stays open');
	quiet(page);
	await page.close();
	await s.stop();
});

test('live: a quiet reading makes nothing look stale, and nothing flash', async () => {
	const s = await serve(program, 'healthy');
	const page = await open(s);
	await page.evaluate(() => { document.getElementById('picture-0').mine = true; });
	const read = () => page.evaluate(() => Date.parse(document.querySelector('#picture-0 .can time[data-max]').dateTime));
	const first = await read();
	for (let i = 0; i < 20; i++) {          /* well past two polls of 5 s */
		s.say('quiet');
		await page.waitForTimeout(1000);
	}
	assert.ok(await read() > first + 15000, 'the reading was taken over');
	assert.equal(await page.locator('#picture-0 .can').first().locator('.stale').count(), 0);
	assert.ok(await page.locator('#picture-0 .can').nth(1).locator('.stale').count(), 'the other one was not read, and says so');
	assert.ok(await page.evaluate(() => document.getElementById('picture-0').mine), 'in place');
	quiet(page);
	await page.close();
	await s.stop();
});

test('lost: says so, and comes back', async () => {
	const s = await serve(program, 'healthy');
	const page = await open(s);
	await page.clock.install();
	s.say('mute');
	for (const conn of ['late', 'lost']) await page.waitForSelector(`html[data-conn=${conn}]`, {timeout: 60000});
	assert.match(await page.innerText('#conn'), /Connection to Ballast lost at .* Everything below is old/);
	assert.match(await page.title(), /^LOST /);
	await page.screenshot({path: path.join(shots, 'lost-1280.png')});
	s.say('talk');
	await page.waitForSelector('html[data-conn=live]', {timeout: 60000});
	assert.ok(await page.isHidden('#conn'));
	assert.match(await page.title(), /^Yes/);
	await page.close();
	await s.stop();
});

test('the picture by keyboard; the table sorts', async () => {
	const s = await serve(program, 'incident');
	const page = await open(s);
	await page.locator('#picture-0 .bay').first().focus();
	for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowRight');
	assert.match(await page.innerText('#picture-0 .tell'), /^Slot 9 warning.*40 \+\d+ reallocated/);
	assert.equal(await page.locator('#drives-0 tr.on').count(), 1);
	await page.locator('#drives-0 th button', {hasText: 'Hours on'}).click();
	const hours = await page.$$eval('#drives-0 tbody tr', rows => rows.map(r => +r.cells[6].dataset.v));
	assert.deepEqual(hours, [...hours].sort((a, c) => c - a));
	quiet(page);
	await page.close();
	await s.stop();
});

test('a drawing of many drives by keyboard', async () => {
	const s = await serve(program, 'big');
	const page = await open(s);
	await page.locator('svg.map').nth(3).focus();
	for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowDown');
	for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowRight');
	assert.match(await page.innerText('.tell'), /^Shelf 4, slot 37 failed/);
	quiet(page);
	await page.close();
	await s.stop();
});

test('wall: answer and picture on one screen, nothing to click', async () => {
	const s = await serve(program, 'incident');
	const page = await open(s, {viewport: {width: 1920, height: 1080}, colorScheme: 'dark'}, '?wall');
	assert.equal(await page.locator('footer').isVisible(), false);
	assert.equal(await page.locator('#drives-0').isVisible(), false);
	assert.ok(await page.locator('#picture-0').isVisible());
	const box = await page.locator('#picture-0').boundingBox();
	assert.ok(box.y < 1080, 'the picture begins on the screen');
	await page.screenshot({path: path.join(shots, 'wall-1920-dark.png')});
	quiet(page);
	await page.close();
	await s.stop();
});

test('hostile texts stay texts', async () => {
	const s = await serve(program, 'hostile');
	const page = await open(s);
	page.on('dialog', () => assert.fail('a device ran a script'));
	await page.locator('#picture-0 .bay').first().focus();
	assert.equal(await page.locator('main script').count(), 0);
	assert.match(await page.innerText('#drives-0'), /<script>alert\(1\)<\/script>"'&/);
	quiet(page);
	await page.close();
	await s.stop();
});
