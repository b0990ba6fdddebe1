import { createHmac } from 'node:crypto';
import { atMost, show, spreadsOf, type Section } from './report.mts';
import { alternate, type Run } from './rounds.mts';
import { crmRows } from './rows.mts';
import { loadSources } from './sources.mts';

const CALLS_PER_RUN = 5_000;
const ROUNDS = 15;
const WARM_UPS = 5;
const DEVICE_COUNTS = [5, 100];

/** The time to sign one request against a bare HMAC over the same text. */
export async function measureSigning(): Promise<Section> {
	const section: Section = {
		title: 'Signing',
		about: `Microseconds for one request, median (min–max) of ${ROUNDS} runs of ${CALLS_PER_RUN} in turns.`,
		head: ['devices', 'bare createHmac', 'canonical text and HMAC', 'ratio', 'JSON and signed body', 'ratio'],
		rows: [],
		targets: [],
	};
	for (const devices of DEVICE_COUNTS) await measure(section, devices);
	return section;
}

async function measure({ rows, targets }: Section, devices: number): Promise<void> {
	const { createFreshness, encodeParameters, hmacSha1, signRequest, textToSign } = await loadSources();
	const DeviceInfos = crmRows(1, devices).map(({ CustomerId: _, ...device }) => device);
	const own = { Action: 'ServiceBindDevice', CustomerId: 'customer_1', DeviceInfos };
	const freshness = createFreshness(() => Date.now())();
	const signer = { appKey: 'ServiceAppKey', appSecret: 'ServiceAppSecret', scheme: 'json' as const };
	const all = { ...own, ...freshness, AppKey: signer.appKey };
	const encoded = encodeParameters(all);
	const text = textToSign(encoded, 'json');
	const times = await alternate(
		{
			bare: microseconds(() => createHmac('sha1', signer.appSecret).update(text, 'utf8').digest('base64')),
			sign: microseconds(() => hmacSha1(textToSign(encoded, 'json'), signer.appSecret)),
			body: microseconds(() => signRequest(encodeParameters(own), freshness, signer).body),
		},
		{ rounds: ROUNDS, warmUps: WARM_UPS },
	);
	const { bare, sign, body } = spreadsOf(times);
	const ratio = sign.median / bare.median;
	rows.push([
		...[String(devices), show(bare, 2), show(sign, 2), ratio.toFixed(2)],
		...[show(body, 2), (body.median / bare.median).toFixed(2)],
	]);
	targets.push(atMost(`signing to the bare HMAC, ${devices} devices`, ratio, 2.5));
}

function microseconds(work: () => string): Run {
	return async () => {
		const startMs = performance.now();
		let length = 0;
		for (let call = 0; call < CALLS_PER_RUN; call++) length += work().length;
		if (length === 0) throw new Error('Nothing was signed');
		return ((performance.now() - startMs) * 1000) / CALLS_PER_RUN;
	};
}
