"""Restores whole pictures as the program does, untiled."""
from __future__ import annotations

import torch

import validation
from model import TASKS, WHOLE, blended, composite, pool_evidence, restorer_of, without_grid
from resize import enlarged, pad, reduced, thumbnail, to_bytes
from weights import load_weights, mask_network, settings_of


class Restoration:
    """Runs the general mask network, those of single tasks, and restorers by task on whole pictures, uint8 [3,H,W]."""

    def __init__(self, mask: torch.nn.Module, restorers: dict, own: dict | None = None) -> None:
        self.mask, self.restorers = mask.eval(), {task: network.eval() for task, network in restorers.items()}
        self.own = own or {}

    @classmethod
    def read(cls, masks: list[str], restorers: dict) -> Restoration:
        """Loads checkpoints or exported models: `masks` has the path of the general mask network, and TASK=PATH for those of
        single tasks."""
        networks = {}
        for task, path in restorers.items():
            networks[task] = restorer_of(settings_of(path, task))
            networks[task].load_state_dict(load_weights(path))
        own = {task: mask_network(path) for task, path in (m.split("=", 1) for m in masks if "=" in m)}
        general = [m for m in masks if "=" not in m]
        if len(general) != 1:
            raise ValueError(f"one general mask network is needed, besides those of single tasks, TASK=PATH; there are {len(general)}")
        return cls(mask_network(general[0]), networks, own)

    @classmethod
    def guided(cls, task: str, mask: str, restorers: dict[str, str]) -> Restoration:
        """Like `read`, with one mask network of any kind that guides the restorer of a task."""
        return cls.read([mask, f"{task}={mask}"] if task in WHOLE else [mask], restorers)

    def predict(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Masks [4,H,W] rounded to 8 bits, as in the program, and the probability of each damage."""
        x = image.float() / 255
        masks, evidence, attention = self.seen(self.mask, x)
        for task, network in self.own.items():
            whole = task in WHOLE
            small = to_bytes(reduced(x, WHOLE[task])) if whole else x
            mask = self.seen(network, small, slow=whole)[0][TASKS.index(task)]
            masks[TASKS.index(task)] = enlarged(to_bytes(mask)[None, None], x.shape[1:], mask.shape)[0, 0]
        return to_bytes(masks), torch.sigmoid(pool_evidence(evidence, attention))[0]

    @staticmethod
    def seen(network: torch.nn.Module, x: torch.Tensor, slow: bool = False) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Masks [4,H,W] of a picture of any size, of which `slow` ones vary slowly, evidence and attention."""
        logits, evidence, attention, _ = network(pad(x[None]), thumbnail(x)[None])
        if logits is None:  # an extent network: one number for the whole picture
            logits = pool_evidence(evidence, attention)[:, :, None, None].expand(-1, -1, *x.shape[1:])
        masks = torch.sigmoid(logits)
        masks = without_grid(masks) if slow else masks
        return masks[0, :, :x.shape[1], :x.shape[2]], evidence, attention

    def restore(self, image: torch.Tensor, task: str, mask: torch.Tensor) -> torch.Tensor:
        """J' [3,H,W] of a picture under a mask [1,H,W]."""
        x, network = image.float() / 255, self.restorers[task]
        if task in WHOLE:
            return self.restore_whole(x, network, mask, WHOLE[task])
        restored, _ = network(*self.inputs(x, mask))
        return restored[0, :, :x.shape[1], :x.shape[2]]

    @staticmethod
    def inputs(x: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        return pad(x[None]), pad(mask[None]), thumbnail(x)[None], thumbnail(mask)[None]

    def restore_whole(self, x: torch.Tensor, network: torch.nn.Module, mask: torch.Tensor, longest: int) -> torch.Tensor:
        """Runs the network on the reduced picture and applies its correction, enlarged, to the picture.

        The program gives the network the mask as it was before it was enlarged: results differ by two levels at most. It also
        takes the mean with what the networks say of the mirror image (lib/pixels/mirror.ts), averages out noise where contrast is
        stretched (lib/pixels/sigma_filter.ts), and lightens dark results (lib/pixels/exposure.ts); not here.
        """
        small = to_bytes(reduced(x, longest))
        out, _, target = network.parts(*self.inputs(small, to_bytes(reduced(mask, longest))))
        return blended(x[None], enlarged(out, x.shape[1:], small.shape[1:], network.patch), target)[0]

    def composited(self, image: torch.Tensor, task: str, masks: torch.Tensor) -> torch.Tensor:
        mask = masks[TASKS.index(task)][None]
        return validation.rounded(composite(image.float() / 255, self.restore(image, task, mask), mask, task))


def named(probabilities: torch.Tensor) -> str:
    """The most probable damage, or `clean` where none is probable."""
    return TASKS[int(probabilities.argmax())] if probabilities.max() > 0.5 else "clean"


def confidence(probabilities: torch.Tensor) -> float:
    """Confidence of the classification."""
    most = float(probabilities.max())
    return max(most, 1 - most)
