"""The process of EDM (Karras et al., "Elucidating the Design Space", NeurIPS 2022)."""

SIGMA_DATA = 0.5


class EDM:
    """`D = c_skip x + c_out F(c_in x, sigma)`: F has the size of one at every sigma."""

    def __init__(self, sigma_data=SIGMA_DATA):
        self.sigma_data = sigma_data

    @classmethod
    def of(cls, settings):
        return cls(float(settings["sigma_data"]))

    def settings(self):
        return {"preconditioning": "edm", "sigma_data": self.sigma_data}

    def scaling(self, sigma):
        total = sigma**2 + self.sigma_data**2
        return self.sigma_data**2 / total, sigma * self.sigma_data / total.sqrt()

    def inputs(self, x, sigma):
        total = sigma**2 + self.sigma_data**2
        return x / total.sqrt()[:, None, None, None], sigma
