import { expect, test } from 'vitest';
import { printed } from './card-notebook';

test('first', () => {
  console.log(
    printed(`
import torch
print(torch.cuda.is_available(), torch.cuda.device_count(), torch.cuda.get_device_name(0), torch.cuda.get_device_properties(0).total_memory)
x = torch.ones(2, 3).to('cuda')
y = x * 2 + 1
print(y, y.device, y.is_cuda)
w = torch.randn(3, 4, device='cuda', requires_grad=True)
loss = (y @ w).pow(2).mean()
loss.backward()
print(loss, w.grad)
print(torch.cuda.memory_allocated(), torch.cuda.memory_reserved())
`),
  );
  expect(1).toBe(1);
});
