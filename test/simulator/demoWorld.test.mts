import { expect, test } from '@jest/globals';
import { demoTour, demoWorld } from '../../simulator/demoWorld/demoWorld.mts';
import { products } from '../../simulator/demoWorld/products.mts';
import { runSimulator } from './runningSimulator.mts';

const NOW_MS = 1_790_000_000_000;
const world = demoWorld(NOW_MS);

test('Every id is unique, and every device has a product with a model', () => {
	const ids = [
		world.customers.map(({ CustomerId }) => CustomerId),
		world.devices.map(({ ProductId, DeviceName }) => `${ProductId}/${DeviceName}`),
		world.orders.map(({ OrderNo }) => OrderNo),
	];
	for (const list of ids) {
		expect(new Set(list).size).toBe(list.length);
	}
	expect(world.devices.filter(({ ProductId }) => !Object.hasOwn(world.models, ProductId))).toEqual([]);
});

test('Bindings and orders refer to existing customers and devices', () => {
	const customerIds = world.customers.map(({ CustomerId }) => CustomerId);
	expect(customerIds).toEqual(expect.arrayContaining(world.orders.map(({ CustomerId }) => CustomerId)));
	expect(customerIds).toEqual(expect.arrayContaining(Object.keys(world.bindings)));
	const deviceIds = world.devices.map(({ ProductId, DeviceName }) => `${ProductId}/${DeviceName}`);
	const bound = Object.values(world.bindings).flat();
	expect(deviceIds).toEqual(expect.arrayContaining(bound.map(({ DeviceId }) => DeviceId)));
	for (const { DeviceId, ProductName } of bound) {
		expect(products.get(DeviceId.split('/')[0]!)?.name).toBe(ProductName);
	}
});

test('Everything that the tour names exists', () => {
	const lock = products.get('LOCK01')!.model;
	const named = [
		...world.devices.filter(({ ProductId }) => ProductId === 'LOCK01').map(({ DeviceName }) => DeviceName),
		...lock.properties.filter(({ mode }) => mode === 'r').map(({ id }) => id),
		lock.properties.find(({ mode }) => mode === 'rw')?.id,
		lock.actions[0]?.id,
		world.customers[0]?.CustomerId,
		world.orders[0]?.OrderNo,
	];
	for (const name of named) {
		expect(demoTour).toContain(name);
	}
});

test('A reset restores the initial state', async () => {
	const simulator = await runSimulator(world);
	simulator.state.bind('user_1024', []);
	simulator.state.orders.pop();
	simulator.reset();
	expect(Object.fromEntries(simulator.bindings)).toEqual(world.bindings);
	expect(simulator.state.orders).toEqual(world.orders);
});
