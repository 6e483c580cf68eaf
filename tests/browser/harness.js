'use strict';
/* Starts page-harness on a made-up situation and Chromium on it; nothing leaves this machine. */
const {spawn} = require('node:child_process');
const {chromium} = require('playwright-core');

function serve(program, fixture) {
	const child = spawn(program, ['--serve', '0', fixture], {stdio: ['pipe', 'pipe', 'inherit']});
	const say = word => child.stdin.write(word + '\n');
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', code => reject(new Error('page-harness ended: ' + code)));
		child.stdout.once('data', d => resolve({
			url: 'http://127.0.0.1:' + parseInt(d, 10) + '/', say,
			stop: () => new Promise(done => { child.removeAllListeners('exit'); child.once('exit', done); child.stdin.end('end\n'); }),
		}));
	});
}

function browser() {
	return chromium.launch({
		executablePath: process.env.BALLAST_CHROMIUM || '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb'],
	});
}

module.exports = {serve, browser};
