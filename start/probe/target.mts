import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { startSimulator } from '../../simulator/simulator.mts';
import { InputError } from '../inputError.mts';
import type { Terminal } from '../terminal.mts';
import type { Service } from './settings.mts';

/** A service, and the credential that the user would enter for it in n8n. */
export interface Target {
	/** For the user, as the object of "to". */
	readonly name: string;
	readonly credentials: ICredentialDataDecryptedObject;
	close(): Promise<void>;
}

const LOOPBACK = /^https?:\/\/(localhost|127\.|\[::1\])/;

/** The default key and secret of a simulator. */
const OF_SIMULATOR = { appKey: 'ServiceAppKey', appSecret: 'ServiceAppSecret' };

/**
 * Prepares the service for a probe, with key and secret from the environment or from the user at the terminal.
 *
 * @throws InputError if they are not known and there is no terminal
 */
export async function openTarget(service: Service, terminal: Terminal): Promise<Target> {
	const close = async () => undefined;
	if (service.kind === 'simulator') {
		const simulator = await startSimulator();
		const { appKey, appSecret, endpoint } = simulator;
		return {
			name: 'a simulator of the service',
			credentials: { appKey, appSecret, platform: 'custom', endpoint },
			close: simulator.close,
		};
	}
	if (service.kind === 'live') {
		const keys = await readKeys(terminal, '--live');
		return { name: 'the real service in China', credentials: { ...keys, platform: 'china' }, close };
	}
	const { endpoint } = service;
	const keys = LOOPBACK.test(endpoint)
		? await readKeys(terminal, 'This endpoint', OF_SIMULATOR)
		: await readKeys(terminal, 'This endpoint');
	return { name: 'this endpoint', credentials: { ...keys, platform: 'custom', endpoint }, close };
}

async function readKeys(
	{ environment, ask, stderr }: Terminal,
	who: string,
	defaults: Partial<typeof OF_SIMULATOR> = {},
): Promise<typeof OF_SIMULATOR> {
	const inEnvironment = (name: string) => environment[name]?.trim() || undefined;
	let appKey = inEnvironment('TENCENT_IOT_APP_KEY') ?? defaults.appKey;
	let appSecret = inEnvironment('TENCENT_IOT_APP_SECRET') ?? defaults.appSecret;
	if (ask !== undefined && (appKey === undefined || appSecret === undefined)) {
		stderr.write(
			'AppKey and AppSecret of your application. They sign the requests and are written nowhere.\n' +
				'请输入应用的 AppKey 和 AppSecret：仅用于签名，不会写入任何文件。\n',
		);
		appKey ??= (await ask('AppKey: ')) || undefined;
		appSecret ??= (await ask('AppSecret (not shown / 不显示): ', { isHidden: true })) || undefined;
	}
	if (appKey === undefined || appSecret === undefined) {
		throw new InputError(
			`${who} needs your application's key and secret: set TENCENT_IOT_APP_KEY and TENCENT_IOT_APP_SECRET.`,
		);
	}
	return { appKey, appSecret };
}
