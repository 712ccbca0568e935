import torch
import torch.optim as optim
w = torch.zeros(1, requires_grad=True)
def run(make, steps=8):
    optimizer = optim.SGD([w], lr=0.1)
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        optimizer.step()
        rates.append(round(optimizer.param_groups[0]['lr'], 6))
        scheduler.step()
    print(rates, scheduler.get_last_lr())
run(lambda o: optim.lr_scheduler.StepLR(o, step_size=3, gamma=0.5))
run(lambda o: optim.lr_scheduler.ExponentialLR(o, gamma=0.9))
run(lambda o: optim.lr_scheduler.CosineAnnealingLR(o, T_max=8))
run(lambda o: optim.lr_scheduler.MultiStepLR(o, milestones=[2, 5], gamma=0.1))
run(lambda o: optim.lr_scheduler.LambdaLR(o, lr_lambda=lambda epoch: 0.95 ** epoch))
run(lambda o: optim.lr_scheduler.LinearLR(o, start_factor=0.5, total_iters=4))
optimizer = optim.SGD([w], lr=0.1)
plateau = optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
for loss in [1.0, 0.9, 0.9, 0.9, 0.9, 0.8]:
    plateau.step(loss)
    print(optimizer.param_groups[0]['lr'])
