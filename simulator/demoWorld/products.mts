import type { Action, Event, Property, ThingModel } from './thingModel.mts';
import {
	action,
	bool,
	choice,
	decimal,
	event,
	param,
	readable,
	whole,
	words,
	writable,
} from './thingModel.mts';

/** A product with everything its devices can do. */
export interface Product {
	readonly name: string;
	readonly model: ThingModel;
}

const percent = (start: number) => whole({ unit: '%', min: 0, max: 100, start });
const battery = readable(param('battery', '电量', percent(80)));
const temperature = readable(
	param('temperature', '温度', decimal({ unit: '℃', min: -20, max: 60, start: 22 })),
);
const leakageCurrent = readable(
	param('leakage_current', '漏电流', decimal({ unit: 'mA', min: 0, max: 300, start: 12 })),
);
const powerSwitch = writable(param('power_switch', '电源开关', bool('关', '开')));
const mute = writable(param('mute', '静音', bool('否', '是')));
const seconds = whole({ unit: 's', min: 1, max: 600, start: 10 });

const lowBattery = event('alert', 'low_battery', '电量低', param('battery', '电量', percent(10)));
const hardwareFault = event(
	'fault',
	'hardware_fault',
	'硬件故障',
	param('code', '故障码', choice('电机', '通信')),
);
const selfTested = event('info', 'self_tested', '自检完成', param('result', '结果', bool('失败', '成功')));
const selfTest = action('self_test', '自检', []);

interface Features {
	readonly properties: readonly Property[];
	readonly events?: readonly Event[];
	readonly actions?: readonly Action[];
}

const lock: Features = {
	properties: [
		writable(param('auto_lock', '自动上锁', bool('关', '开'))),
		battery,
		writable(param('lock_state', '门锁状态', choice('已解锁', '已上锁'))),
		writable(param('nickname', '名称', words)),
		temperature,
		writable(param('volume', '音量', percent(40))),
	],
	events: [
		event('info', 'door_opened', '开门', param('method', '方式', choice('指纹', '密码', '远程'))),
		lowBattery,
		hardwareFault,
	],
	actions: [action('open_door', '远程开门', [param('duration', '保持时长', seconds)]), selfTest],
};

const camera: Features = {
	properties: [
		writable(param('record_switch', '录像开关', bool('关', '开'))),
		writable(param('resolution', '清晰度', choice('标清', '高清', '超清'))),
		readable(param('storage_used', '存储占用', percent(55))),
	],
	events: [event('info', 'motion_detected', '移动侦测', param('area', '区域', choice('左', '右')))],
	actions: [action('take_snapshot', '抓拍', []), selfTest],
};

const smokeDetector = detector('smoke', '烟雾浓度', { unit: '%/m', max: 20, start: 1 });

const gateway: Features = {
	properties: [
		readable(param('connected_devices', '在线子设备', whole({ unit: '', min: 0, max: 64, start: 12 }))),
		readable(param('cpu_load', 'CPU 占用', percent(30))),
	],
	actions: [action('reboot', '重启', [param('delay', '延时', seconds)]), selfTest],
};

const plug: Features = {
	properties: [
		readable(param('power', '功率', decimal({ unit: 'W', min: 0, max: 4000, start: 350 }))),
		powerSwitch,
		readable(param('voltage', '电压', decimal({ unit: 'V', min: 200, max: 250, start: 224 }))),
	],
	events: [
		event(
			'alert',
			'overload',
			'过载',
			param('power', '功率', decimal({ unit: 'W', min: 0, max: 4000, start: 3600 })),
		),
	],
};

/** By id: the products of the example workflows and of examples/crm-devices.csv. */
export const products: ReadonlyMap<string, Product> = new Map(
	(
		[
			['LOCK01', '智能门锁', lock],
			['CAM01', '摄像头', camera],
			['ProductABC', 'Smart Smoke Detector', smokeDetector],
			['W8K2QZ7MLD', '智能门锁', lock],
			['GWY1B6J0KS', '智能网关', gateway],
			['PLG2F7X6NB', '智能插座, 16A', plug],
			['LKG7R2D5XA', '漏电保护器', { properties: [leakageCurrent, powerSwitch] }],
			['EFD3M9U2WY', '电气火灾探测器', { properties: [leakageCurrent, mute, temperature] }],
			['Q4T9SMOKE1', '独立式烟感报警器', smokeDetector],
			['CO9D1E5RVU', '一氧化碳探测器', detector('co', '一氧化碳浓度', { unit: 'ppm', max: 500, start: 5 })],
			['GAS8C4H1ZT', '燃气报警器', detector('gas', '燃气浓度', { unit: '%LEL', max: 100, start: 2 })],
			[
				'TH5N8V3PCE',
				'温湿度传感器',
				{
					properties: [
						battery,
						readable(param('humidity', '湿度', percent(48))),
						writable(param('report_interval', '上报间隔', seconds)),
						temperature,
					],
					events: [selfTested, lowBattery],
				},
			],
			[
				'WLK6A3Y8GH',
				'水浸传感器',
				{
					properties: [battery, readable(param('water_leak', '水浸状态', bool('正常', '浸水')))],
					events: [lowBattery, event('alert', 'leak', '水浸报警')],
				},
			],
		] as const
	).map(([id, name, features]) => [id, { name, model: modelOf(id, features) }]),
);

function detector(id: string, name: string, scale: { unit: string; max: number; start: number }): Features {
	const measured = param(id, name, decimal({ min: 0, ...scale }));
	return {
		properties: [battery, mute, readable(measured)],
		events: [event('alert', 'alarm', '报警', measured), lowBattery, selfTested],
	};
}

function modelOf(
	ProductId: string,
	{ properties, events = [selfTested, hardwareFault], actions = [selfTest] }: Features,
): ThingModel {
	return { version: '1.0', profile: { ProductId, CategoryId: '1' }, properties, events, actions };
}
