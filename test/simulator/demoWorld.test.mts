import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { demoTour, demoWorld } from '../../simulator/demoWorld/demoWorld.mts';
import { products } from '../../simulator/demoWorld/products.mts';
import { runSimulator } from './runningSimulator.mts';

const NOW_MS = 1_790_000_000_000;
const DAY_MS = 24 * 3_600_000;
const world = demoWorld(NOW_MS);

test('For one time the world is always the same, and with the time it moves', () => {
	// In a failure nobody would read the whole of it.
	expect(isDeepStrictEqual(demoWorld(NOW_MS), world)).toBe(true);
	const times = (nowMs: number) => demoWorld(nowMs).devices[0]?.events?.map(({ TimeStamp }) => TimeStamp);
	expect(times(NOW_MS + DAY_MS)).toEqual(times(NOW_MS)?.map((time) => time + DAY_MS / 1000));
});

test('Every id is there once, and every device has a product with a model', () => {
	const ids = [
		world.customers.map(({ CustomerId }) => CustomerId),
		world.devices.map(({ ProductId, DeviceName }) => `${ProductId}/${DeviceName}`),
		world.orders.map(({ OrderNo }) => OrderNo),
	];
	for (const list of ids) expect(new Set(list).size).toBe(list.length);
	expect(world.devices.filter(({ ProductId }) => !Object.hasOwn(world.models, ProductId))).toEqual([]);
});

test('Who has a device or an order is a customer, and what is bound is a device', () => {
	const known = world.customers.map(({ CustomerId }) => CustomerId);
	expect(known).toEqual(expect.arrayContaining(world.orders.map(({ CustomerId }) => CustomerId)));
	expect(known).toEqual(expect.arrayContaining(Object.keys(world.bindings)));
	const deviceIds = world.devices.map(({ ProductId, DeviceName }) => `${ProductId}/${DeviceName}`);
	const bound = Object.values(world.bindings).flat();
	expect(deviceIds).toEqual(expect.arrayContaining(bound.map(({ DeviceId }) => DeviceId)));
	for (const { DeviceId, ProductName } of bound) {
		expect(products.get(DeviceId.split('/')[0]!)?.name).toBe(ProductName);
	}
});

test('What the tour names is there', () => {
	const lock = products.get('LOCK01')!.model;
	const named = [
		...world.devices.filter(({ ProductId }) => ProductId === 'LOCK01').map(({ DeviceName }) => DeviceName),
		...lock.properties.filter(({ mode }) => mode === 'r').map(({ id }) => id),
		lock.properties.find(({ mode }) => mode === 'rw')?.id,
		lock.actions[0]?.id,
		world.customers[0]?.CustomerId,
		world.orders[0]?.OrderNo,
	];
	for (const name of named) expect(demoTour).toContain(name);
});

describe('Of the example export', () => {
	test.each(['TH5N8V3PCE/th_d775ac', 'LKG7R2D5XA/rcd_1b7e1c', 'PLG2F7X6NB/plug_791d42'])(
		'the device %s is there, online or not as the export says',
		(id) => {
			const device = world.devices.find(({ ProductId, DeviceName }) => `${ProductId}/${DeviceName}` === id);
			expect(device?.Status).toBe(id === 'LKG7R2D5XA/rcd_1b7e1c' ? 0 : 1);
		},
	);

	test('the customers are there, and what is no id is none', () => {
		const ids = world.customers.map(({ CustomerId }) => CustomerId);
		expect(ids).toEqual(expect.arrayContaining(['00010035', 'KH_20210005', 'vip00044']));
		expect(ids.filter((id) => !/^\w{1,32}$/.test(id))).toEqual([]);
		expect(ids.length).toBeGreaterThan(150);
	});
});

test('A reset brings back what was there at first', async () => {
	const simulator = await runSimulator(world);
	simulator.state.bind('user_1024', []);
	simulator.state.orders.pop();
	simulator.reset();
	expect(Object.fromEntries(simulator.bindings)).toEqual(world.bindings);
	expect(simulator.state.orders).toEqual(world.orders);
});
